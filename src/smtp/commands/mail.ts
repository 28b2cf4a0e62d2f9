/**
 * MAIL (RFC 5321 §4.1.1.2) with SIZE, BODY, SMTPUTF8, REQUIRETLS, RET and ENVID; from users also with AUTH, HOLDFOR,
 * HOLDUNTIL, BY and MT-PRIORITY.
 */
import { isAscii, readPath } from '#smtp/address.ts';
import type { SmtpCommand } from '#smtp/command.ts';
import { decodeXtext, parseEnvid } from '#smtp/dsn-parameters.ts';
import { MAX_ADDRESS_BYTES } from '#smtp/limits.ts';
import { noMemoryReply, tooLargeReply } from '#smtp/message-intake.ts';
import { parseParameters } from '#smtp/parameters.ts';
import type { ReversePath } from '#smtp/receiver.ts';
import type { Session } from '#smtp/session.ts';
import { parseDeliverBy, parseHoldFor, parseHoldUntil, parsePriority } from '#smtp/submission-parameters.ts';

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };
type Draft = Mutable<Omit<ReversePath, 'dsn'>> & { readonly dsn: Mutable<ReversePath['dsn']> };

/** Reads one parameter into the draft; false if its value is wrong. */
type ReadParameter = (draft: Draft, value: string | undefined, nowMs: number) => boolean;

const readers: Readonly<Record<string, ReadParameter>> = {
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
};

const submissionReaders: Readonly<Record<string, ReadParameter>> = {
  ...readers,
  // RFC 4954 §5: whom the client believes. It is read, and what is believed here is who signed in.
  AUTH: (_, value) => value !== undefined && decodeXtext(value) !== undefined,
  HOLDFOR: (draft, value = '', nowMs) => assign(draft, 'holdUntil', parseHoldFor(value, nowMs)),
  HOLDUNTIL: (draft, value = '') => assign(draft, 'holdUntil', parseHoldUntil(value)),
  BY: (draft, value = '', nowMs) => assign(draft, 'deliverBy', parseDeliverBy(value, nowMs)),
  'MT-PRIORITY': (draft, value = '') => assign(draft, 'priority', parsePriority(value)),
};

function assign<Key extends keyof Draft>(draft: Draft, key: Key, value: Draft[Key] | undefined): boolean {
  if (value === undefined) return false;
  draft[key] = value;
  return true;
}

/** Why the times a sender asked for cannot be kept. RFC 4865, RFC 2852. */
function findTimeProblem(
  { holdUntil = 0, deliverBy }: Draft,
  parameters: ReadonlyMap<string, unknown>,
  nowMs: number,
  maxHoldS: number,
): string | undefined {
  if (parameters.has('HOLDFOR') && parameters.has('HOLDUNTIL')) return 'HOLDFOR or HOLDUNTIL, not both';
  if (holdUntil > nowMs + maxHoldS * 1000) return `Messages are held for at most ${maxHoldS} seconds`;
  if (deliverBy?.mode === 'return' && deliverBy.until <= holdUntil) return 'Held until it would be too late to deliver';
  return undefined;
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
  const nowMs = session.surroundings.clock.now();
  const known = session.protocol === 'submission' ? submissionReaders : readers;
  for (const [key, value] of parsed.parameters) {
    const read = Object.hasOwn(known, key) ? known[key] : undefined;
    if (read === undefined) return session.fail(555, '5.5.4', `Parameter ${key} not recognized`);
    if (!read(draft, value, nowMs)) return session.fail(501, '5.5.4', `Bad value of ${key}`);
  }
  const problem = findTimeProblem(draft, parsed.parameters, nowMs, session.limits.maxHoldS);
  if (problem !== undefined) return session.fail(501, '5.5.4', problem);

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

/** RFC 3339, to the second: `2019-09-16T04:00:00Z`. */
function formatUtc(epochMs: number): string {
  return `${new Date(epochMs).toISOString().slice(0, 19)}Z`;
}

export const mail: SmtpCommand = {
  verb: 'MAIL',
  protocols: ['smtp', 'lmtp', 'submission'],
  states: ['ready'],
  keywords(session) {
    const { maxMessageBytes, maxTransactions, maxRecipients, maxHoldS } = session.limits;
    return [
      `SIZE ${maxMessageBytes}`,
      '8BITMIME',
      'SMTPUTF8',
      'DSN',
      // RFC 9422 §3. What EHLO says after STARTTLS holds.
      `LIMITS MAILMAX=${maxTransactions} RCPTMAX=${maxRecipients}`,
      // RFC 8689 §3: never offered in plaintext.
      ...(session.isSecure ? ['REQUIRETLS'] : []),
      ...(session.protocol === 'submission'
        ? [
            // RFC 4865: for how many seconds, and until when.
            `FUTURERELEASE ${maxHoldS} ${formatUtc(session.surroundings.clock.now() + maxHoldS * 1000)}`,
            'DELIVERBY',
            'MT-PRIORITY',
          ]
        : []),
    ];
  },
  run,
};
