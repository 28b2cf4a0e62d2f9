/** MAIL (RFC 5321 §4.1.1.2) with SIZE, BODY, SMTPUTF8, REQUIRETLS, RET and ENVID. */
import { isAscii, readPath } from '#smtp/address.ts';
import { EVERY_PROTOCOL } from '#smtp/command.ts';
import type { SmtpCommand } from '#smtp/command.ts';
import { parseEnvid } from '#smtp/dsn-parameters.ts';
import { MAX_ADDRESS_BYTES } from '#smtp/limits.ts';
import { noMemoryReply, tooLargeReply } from '#smtp/message-intake.ts';
import { parseParameters } from '#smtp/parameters.ts';
import type { ReversePath } from '#smtp/receiver.ts';
import type { Session } from '#smtp/session.ts';

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };
type Draft = Mutable<Omit<ReversePath, 'dsn'>> & { readonly dsn: Mutable<ReversePath['dsn']> };

/** Reads one parameter into the draft; false if its value is wrong. */
type ReadParameter = (draft: Draft, value: string | undefined, nowMs: number) => boolean;

/** RFC 4865 §4: announced, and the same whichever of the two parameters is used. */
const MAX_HOLD_S = 30 * 24 * 3600;
/** RFC 2852 §4: `by-time` has up to nine digits. */
const MIN_DELIVER_BY_S = 60;

function hold(draft: Draft, until: number, nowMs: number): boolean {
  if (draft.holdUntil !== undefined || !(until > nowMs) || until > nowMs + MAX_HOLD_S * 1000) return false;
  draft.holdUntil = until;
  return true;
}

/** Parameters of submission alone: what they ask for is the queue's to do. */
const submissionReaders: Readonly<Record<string, ReadParameter>> = {
  HOLDFOR: (draft, value, nowMs) =>
    value !== undefined && /^[1-9]\d{0,8}$/.test(value) && hold(draft, nowMs + Number(value) * 1000, nowMs),
  // RFC 3339 by way of RFC 4865 §4.2.
  HOLDUNTIL: (draft, value, nowMs) =>
    value !== undefined &&
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/.test(value) &&
    hold(draft, Date.parse(value), nowMs),
  BY(draft, value, nowMs) {
    const match = /^(-?\d{1,9});([RN])T?$/i.exec(value ?? '');
    const seconds = Number(match?.[1]);
    const mode = match?.[2]?.toUpperCase() as 'R' | 'N' | undefined;
    // RFC 2852 §4: what may be returned needs time; what is only to be reported may be late already.
    if (mode === undefined || (mode === 'R' && seconds < MIN_DELIVER_BY_S)) return false;
    draft.deliverBy = { until: nowMs + seconds * 1000, mode };
    return true;
  },
  'MT-PRIORITY'(draft, value) {
    if (value === undefined || !/^-?[0-9]$/.test(value)) return false;
    draft.priority = Number(value);
    return true;
  },
  // RFC 4954 §5: who somebody else says is the author is not our evidence.
  AUTH: (_draft, value) => value !== undefined,
};

const readers: Readonly<Record<string, ReadParameter>> = withoutPrototype({
  // RFC 1870 §4: up to 20 digits.
  SIZE(draft, value) {
    if (value === undefined || !/^\d{1,20}$/.test(value)) return false;
    draft.sizeBytes = Number(value);
    return true;
  },
  // RFC 6152 §3, RFC 3030 §3.
  BODY(draft, value) {
    const body = value?.toUpperCase();
    if (body !== '7BIT' && body !== '8BITMIME' && body !== 'BINARYMIME') return false;
    draft.body = body;
    return true;
  },
  SMTPUTF8(draft, value) {
    draft.smtpUtf8 = true;
    return value === undefined;
  },
  REQUIRETLS(draft, value) {
    draft.requireTls = true;
    return value === undefined;
  },
  RET(draft, value) {
    const ret = value?.toUpperCase();
    if (ret !== 'FULL' && ret !== 'HDRS') return false;
    draft.dsn.ret = ret;
    return true;
  },
  ENVID(draft, value) {
    const envid = value === undefined ? undefined : parseEnvid(value);
    if (envid === undefined) return false;
    draft.dsn.envid = envid;
    return true;
  },
} satisfies Record<string, ReadParameter>);

/** Without a prototype: keys come from the peer. */
const allReaders: Readonly<Record<string, ReadParameter>> = withoutPrototype({ ...readers, ...submissionReaders });

function withoutPrototype<T extends object>(record: T): T {
  return Object.assign(Object.create(null) as T, record);
}

async function run(session: Session, argument: string): Promise<void> {
  const prefix = /^FROM:/i.exec(argument);
  if (prefix === null) return session.fail(501, '5.5.4', 'Syntax: MAIL FROM:<address>');
  const text = argument.slice(prefix[0].length);
  // Senders' local parts beyond 64 octets exist (VERP), and refusing them loses mail that everyone else takes.
  const path = readPath(text, MAX_ADDRESS_BYTES);
  if (!path.ok) return session.fail(501, '5.1.7', path.text);
  if (path.address?.domain === '') return session.fail(501, '5.1.7', 'Address has no domain');

  const parsed = parseParameters(text.slice(path.end));
  if (!parsed.ok) return session.fail(501, '5.5.4', parsed.text);
  const address = path.address === undefined ? '' : `${path.address.localPart}@${path.address.domain}`;
  const draft: Draft = { address, body: '7BIT', smtpUtf8: false, requireTls: false, dsn: {} };
  const known = session.protocol === 'submission' ? allReaders : readers;
  const nowMs = session.surroundings.clock.now();
  for (const [key, value] of parsed.parameters) {
    const read = known[key];
    if (read === undefined) return session.fail(555, '5.5.4', `Parameter ${key} not recognized`);
    if (!read(draft, value, nowMs)) return session.fail(501, '5.5.4', `Bad value of ${key}`);
  }

  // RFC 8689 §4.2: the option exists only under TLS.
  if (draft.requireTls && !session.isSecure)
    return session.fail(530, '5.7.0', 'REQUIRETLS needs TLS on this connection');
  // RFC 6531 §3.5.
  if (!draft.smtpUtf8 && !isAscii(address)) return session.fail(553, '5.6.7', 'Address beyond ASCII needs SMTPUTF8');
  const { maxMessageBytes } = session.limits;
  if (draft.sizeBytes !== undefined) {
    if (draft.sizeBytes > maxMessageBytes) return session.send(tooLargeReply(maxMessageBytes));
    if (draft.sizeBytes > session.surroundings.budget.freeBytes) return session.send(noMemoryReply);
  }
  await session.beginTransaction(draft);
}

/** RFC 4865 §3, RFC 2852 §3, RFC 6710 §3. */
function listSubmissionKeywords(session: Session): string[] {
  const last = new Date(session.surroundings.clock.now() + MAX_HOLD_S * 1000).toISOString().replace(/\.\d+/, '');
  return [`FUTURERELEASE ${MAX_HOLD_S} ${last}`, `DELIVERBY ${MIN_DELIVER_BY_S}`, 'MT-PRIORITY MIXER'];
}

export const mail: SmtpCommand = {
  verb: 'MAIL',
  protocols: EVERY_PROTOCOL,
  states: ['ready'],
  keywords(session) {
    const { maxMessageBytes, maxTransactions, maxRecipients } = session.limits;
    return [
      `SIZE ${maxMessageBytes}`,
      '8BITMIME',
      'SMTPUTF8',
      'DSN',
      // RFC 9422 §3. What EHLO says after STARTTLS holds.
      `LIMITS MAILMAX=${maxTransactions} RCPTMAX=${maxRecipients}`,
      // RFC 8689 §3: never offered in plaintext.
      ...(session.isSecure ? ['REQUIRETLS'] : []),
      ...(session.protocol === 'submission' ? listSubmissionKeywords(session) : []),
    ];
  },
  run,
};
