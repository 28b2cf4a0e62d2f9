/**
 * Ids of messages on their way. The first letters are the time, so that rows written together lie together and a
 * span of time is a span of ids; the rest is random.
 */
import type { QueueId } from './ids.ts';
import { randomId } from './random.ts';
import type { Random } from './random.ts';

/** Ascending in ASCII, so that ids sort as the times they begin with. */
const DIGITS = '234567abcdefghijklmnopqrstuvwxyz';
/** 32^8 milliseconds are 34 years. */
const EPOCH_MS = Date.UTC(2020, 0, 1);
const TIME_LETTERS = 8;
const RANDOM_LETTERS = 5;
const LAST_TICK = 32 ** TIME_LETTERS - 1;

export function newQueueId(nowMs: number, random: Random): QueueId {
  return `${timePrefix(nowMs)}${randomId(random, RANDOM_LETTERS)}` as QueueId;
}

/** Every id made at `nowMs` or later is not less than this text, every earlier one is less. */
export function timePrefix(nowMs: number): string {
  let ticks = Math.min(LAST_TICK, Math.max(0, Math.floor(nowMs) - EPOCH_MS));
  let text = '';
  for (let at = 0; at < TIME_LETTERS; at++) {
    text = `${DIGITS[ticks % 32]}${text}`;
    ticks = Math.floor(ticks / 32);
  }
  return text;
}

/** Whether a person's or a client's text could be one; nothing else is worth a look-up. */
export function isQueueId(text: string): text is QueueId {
  return text.length === TIME_LETTERS + RANDOM_LETTERS && /^[a-z2-7]+$/.test(text);
}
