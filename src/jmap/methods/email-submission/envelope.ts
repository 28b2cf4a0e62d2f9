/** From JMAP's envelope to SMTP's (RFC 8621 §7): paths and their parameters. */
import type { Envelope, SubmissionAddress } from '#contract/jmap/submission.ts';
import { ObjectError } from '#jmap/core/errors.ts';
import type { MessageSummary } from '#mime/structure.ts';
import { readPath } from '#smtp/address.ts';
import { parseEnvid, parseNotify, parseOrcpt } from '#smtp/dsn-parameters.ts';
import type { ForwardPath, ReversePath } from '#smtp/receiver.ts';
import { parseDeliverBy, parseHoldFor, parseHoldUntil, parsePriority } from '#smtp/submission-parameters.ts';

export interface SmtpEnvelope {
  readonly reversePath: Omit<ReversePath, 'sizeBytes'>;
  readonly forwardPaths: readonly ForwardPath[];
}

/** RFC 8621 §7.5: from whom it says it is, to everybody it names, each once. */
export function deriveEnvelope({ sender, from, to, cc, bcc }: MessageSummary): Envelope {
  const [author] = sender.length > 0 ? sender : from;
  const recipients = new Map([...to, ...cc, ...bcc].map(({ email }) => [email.toLowerCase(), email]));
  return {
    mailFrom: { email: author?.email ?? '', parameters: null },
    rcptTo: Array.from(recipients.values(), (email) => ({ email, parameters: null })),
  };
}

export interface EnvelopeLimits {
  readonly nowMs: number;
  /** The longest a message may be put off, seconds. */
  readonly maxDelayedSend: number;
}

/** Throws ObjectError: `noRecipients`, `invalidRecipients`, `forbiddenMailFrom`, `invalidProperties`. */
export function readEnvelope({ mailFrom, rcptTo }: Envelope, limits: EnvelopeLimits): SmtpEnvelope {
  if (rcptTo.length === 0) throw new ObjectError('noRecipients');
  const sender = readAddress(mailFrom.email);
  if (sender === undefined) throw new ObjectError('forbiddenMailFrom', 'the sender is no address');
  const recipients = rcptTo.map((one) => ({ one, address: readAddress(one.email) }));
  const invalid = recipients.flatMap(({ one, address }) => (address === undefined ? [one.email] : []));
  if (invalid.length > 0)
    throw new ObjectError('invalidRecipients', 'these are no addresses', { invalidRecipients: invalid });
  const forwardPaths = recipients.map(({ one, address = '' }) => ({ address, dsn: readForwardParameters(one) }));
  const isAscii = [sender, ...forwardPaths.map(({ address }) => address)].every((address) =>
    /^\p{ASCII}*$/u.test(address),
  );
  return {
    reversePath: {
      address: sender,
      body: '8BITMIME',
      smtpUtf8: !isAscii,
      requireTls: false,
      dsn: {},
      ...readReverseParameters(mailFrom, limits),
    },
    forwardPaths,
  };
}

/** As SMTP reads it, its local part without quotes. */
function readAddress(email: string): string | undefined {
  const path = readPath(`<${email}>`, 64);
  if (!path.ok || path.address === undefined || path.end !== email.length + 2) return undefined;
  const { localPart, domain } = path.address;
  return domain === '' ? undefined : `${localPart}@${domain}`;
}

function refuse(name: string): ObjectError {
  return new ObjectError('invalidProperties', `${name} is not understood`, { properties: ['envelope'] });
}

function readReverseParameters(
  { parameters }: SubmissionAddress,
  { nowMs, maxDelayedSend }: EnvelopeLimits,
): Partial<ReversePath> {
  const read: { -readonly [Name in keyof ReversePath]?: ReversePath[Name] } = {};
  for (const [given, value] of Object.entries(parameters ?? {})) {
    const name = given.toUpperCase();
    const text = value ?? '';
    if (name === 'HOLDFOR' || name === 'HOLDUNTIL') {
      const until = name === 'HOLDFOR' ? parseHoldFor(text, nowMs) : parseHoldUntil(text);
      if (until === undefined || until > nowMs + maxDelayedSend * 1000 || read.holdUntil !== undefined)
        throw refuse(given);
      read.holdUntil = until;
    } else if (name === 'BY') read.deliverBy = parseDeliverBy(text, nowMs) ?? fail(given);
    else if (name === 'MT-PRIORITY') read.priority = parsePriority(text) ?? fail(given);
    else if (name === 'RET' && (text === 'FULL' || text === 'HDRS')) read.dsn = { ...read.dsn, ret: text };
    else if (name === 'ENVID') read.dsn = { ...read.dsn, envid: parseEnvid(text) ?? fail(given) };
    else if (name === 'REQUIRETLS' && value === null) read.requireTls = true;
    // What the octets and addresses show by themselves.
    else if (name !== 'SIZE' && name !== 'BODY' && name !== 'SMTPUTF8') throw refuse(given);
  }
  return read;
}

function readForwardParameters({ parameters }: SubmissionAddress): ForwardPath['dsn'] {
  const read: { -readonly [Name in keyof ForwardPath['dsn']]?: ForwardPath['dsn'][Name] } = {};
  for (const [given, value] of Object.entries(parameters ?? {})) {
    const name = given.toUpperCase();
    if (name === 'NOTIFY') read.notify = parseNotify(value ?? '') ?? fail(given);
    else if (name === 'ORCPT') read.orcpt = parseOrcpt(value ?? '') ?? fail(given);
    else throw refuse(given);
  }
  return read;
}

function fail(name: string): never {
  throw refuse(name);
}
