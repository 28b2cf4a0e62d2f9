/** MAIL (RFC 5321 §4.1.1.2) with SIZE, BODY, SMTPUTF8, REQUIRETLS, RET and ENVID. */
import { isAscii, readPath } from '#smtp/address.ts';
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
type ReadParameter = (draft: Draft, value: string | undefined) => boolean;

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
  for (const [key, value] of parsed.parameters) {
    const read = Object.hasOwn(readers, key) ? readers[key] : undefined;
    if (read === undefined) return session.fail(555, '5.5.4', `Parameter ${key} not recognized`);
    if (!read(draft, value)) return session.fail(501, '5.5.4', `Bad value of ${key}`);
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

export const mail: SmtpCommand = {
  verb: 'MAIL',
  protocols: ['smtp', 'lmtp'],
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
    ];
  },
  run,
};
