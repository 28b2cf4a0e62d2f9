/**
 * The Sender Rewriting Scheme: a forwarded message gets a reverse path in a domain of ours, so that SPF passes and
 * bounces come back here, to be sent on to where they belong. What comes back is believed for three weeks, and only if
 * it was made with a key of ours. Nothing depends on upper and lower case: hosts on the way change it.
 */
import { DAY_MS } from '#base/clock.ts';
import { createHmac } from 'node:crypto';
import { equalSecrets } from '#base/random.ts';
import { MAX_SRS_AGE_DAYS, MAX_SRS_LOCAL_PART_OCTETS } from './limits.ts';

export interface SrsSettings {
  /** Ours, in which the rewritten paths are; lower case. */
  readonly domain: string;
  /** The first makes, all of them are believed: so keys are changed. At least one. */
  readonly keys: readonly Uint8Array[];
  /** What is to be known when it comes back: ASCII letters and digits, believed as the path is. */
  readonly tag?: string;
}

export type DecodedSrs =
  /** Where a bounce goes: the original reverse path, or the forwarder before us. */
  | { readonly kind: 'path'; readonly reversePath: string; readonly tag: string }
  /** Not a rewritten path at all. */
  | { readonly kind: 'other' }
  /** Looks like one, and is not to be believed. */
  | { readonly kind: 'invalid'; readonly reason: 'forged' | 'expired' | 'malformed' };

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';
/** 30 bits: a forger gets one guess a delivery, and three weeks. */
const HASH_LENGTH = 6;
/** Two digits of 32: days are counted modulo these. */
const DAY_CYCLE = 1024;
/** RFC 5321 §4.1.2: what needs no quotes. */
const ATOM = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/;
const DOMAIN = /^[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+$/;

/**
 * The reverse path to forward with. Undefined when there is none: the local part would have more than 64 octets
 * (RFC 5321 §4.5.3.1.1), or what came is not plain ASCII. The caller then forwards in the name of whoever forwards.
 */
export function encodeSrs(
  reversePath: string,
  { domain, keys, tag = '' }: SrsSettings,
  nowMs: number,
): string | undefined {
  const at = reversePath.lastIndexOf('@');
  const localPart = reversePath.slice(0, Math.max(at, 0));
  const sender = reversePath.slice(at + 1);
  const [key] = keys;
  if (key === undefined || !ATOM.test(localPart) || !DOMAIN.test(sender)) return undefined;
  const rewritten = rewrite(localPart, sender, (...parts) => tokenOf(key, tag, ...parts), nowMs);
  return rewritten.length > MAX_SRS_LOCAL_PART_OCTETS ? undefined : `${rewritten}@${domain}`;
}

function rewrite(localPart: string, sender: string, makeToken: (...parts: string[]) => string, nowMs: number): string {
  // Already rewritten: the chain is cut short, to the first forwarder and back to us.
  const first = /^SRS0([=+-].+)$/i.exec(localPart)?.[1];
  if (first !== undefined) return `SRS1=${makeToken(sender, first)}=${sender}=${first}`;
  const later = /^SRS1[=+-][^=]+=([^=]+)=([=+-].+)$/i.exec(localPart);
  const [, forwarder, rest] = later ?? [];
  if (forwarder !== undefined && rest !== undefined) {
    return `SRS1=${makeToken(forwarder, rest)}=${forwarder}=${rest}`;
  }
  const day = encodeDay(nowMs);
  return `SRS0=${makeToken(day, sender, localPart)}=${day}=${sender}=${localPart}`;
}

/** Reads the local part of an address in our SRS domain. */
export function decodeSrs(localPart: string, { keys }: Pick<SrsSettings, 'keys'>, nowMs: number): DecodedSrs {
  if (!/^SRS[01][=+-]/i.test(localPart)) return { kind: 'other' };
  if (localPart.length > MAX_SRS_LOCAL_PART_OCTETS) return { kind: 'invalid', reason: 'malformed' };
  const original = /^SRS0[=+-]([^=]+)=([a-z2-7]{2})=([^=]+)=(.+)$/i.exec(localPart);
  if (original !== null) {
    const [, hash = '', day = '', sender = '', local = ''] = original;
    if (!isOurs(keys, hash, day, sender, local)) return { kind: 'invalid', reason: 'forged' };
    if (ageInDays(day, nowMs) > MAX_SRS_AGE_DAYS) return { kind: 'invalid', reason: 'expired' };
    return { kind: 'path', reversePath: `${local}@${sender}`, tag: tagOf(hash) };
  }
  const passedOn = /^SRS1[=+-]([^=]+)=([^=]+)=([=+-].+)$/i.exec(localPart);
  if (passedOn === null) return { kind: 'invalid', reason: 'malformed' };
  const [, hash = '', forwarder = '', rest = ''] = passedOn;
  // Its age is for that forwarder to judge, who can read it.
  if (!isOurs(keys, hash, forwarder, rest)) return { kind: 'invalid', reason: 'forged' };
  return { kind: 'path', reversePath: `SRS0${rest}@${forwarder}`, tag: tagOf(hash) };
}

function isOurs(keys: readonly Uint8Array[], hash: string, ...parts: string[]): boolean {
  const given = Buffer.from(hash.toLowerCase());
  return keys.some((key) => equalSecrets(given, Buffer.from(tokenOf(key, tagOf(hash), ...parts))));
}

/** What others take for the hash alone: it, and the tag that it covers. */
function tokenOf(key: Uint8Array, tag: string, ...parts: string[]): string {
  return hashOf(key, ...parts, ...(tag === '' ? [] : [tag])) + tag;
}

function tagOf(token: string): string {
  return token.slice(HASH_LENGTH).toLowerCase();
}

function hashOf(key: Uint8Array, ...parts: string[]): string {
  const digest = createHmac('sha256', key).update(parts.join('\0').toLowerCase()).digest();
  return [...digest.subarray(0, HASH_LENGTH)].map((octet) => ALPHABET[octet & 31]).join('');
}

function encodeDay(nowMs: number): string {
  const day = Math.floor(nowMs / DAY_MS) % DAY_CYCLE;
  return `${ALPHABET[day >> 5]}${ALPHABET[day & 31]}`;
}

function ageInDays(day: string, nowMs: number): number {
  const [high = '', low = ''] = day.toLowerCase();
  const made = ALPHABET.indexOf(high) * 32 + ALPHABET.indexOf(low);
  return (Math.floor(nowMs / DAY_MS) - made + DAY_CYCLE * 2 ** 20) % DAY_CYCLE;
}
