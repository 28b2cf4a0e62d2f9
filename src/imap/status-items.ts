/** STATUS data items (RFC 9051 §6.3.11; SIZE of RFC 8438, APPENDLIMIT of RFC 7889, and others), for STATUS and LIST RETURN (STATUS …). */
import { formatMailboxObjectId } from '#mail/object-id.ts';
import { FLAG, type EmailId } from '#mail/types.ts';
import { FETCH_CHUNK } from './limits.ts';
import { writeMailboxName } from './mailbox-name.ts';
import type { Place } from './places.ts';
import type { Session } from './session.ts';
import type { ArgumentReader } from './wire/argument-reader.ts';

type StatusItem = (session: Session, place: Place) => string | number | Promise<string | number>;

const ITEMS: Readonly<Record<string, StatusItem>> = {
  MESSAGES: (_, { row }) => row.totalEmails,
  RECENT: countRecent,
  UIDNEXT: (_, { row }) => row.uidNext,
  UIDVALIDITY: (_, { row }) => row.uidValidity,
  UNSEEN: (_, { row }) => row.unreadEmails,
  DELETED: (_, { row }) => row.deletedEmails,
  'DELETED-STORAGE': deletedStorage,
  SIZE: (_, { row }) => row.sizeBytes,
  HIGHESTMODSEQ: (_, { row }) => Math.max(1, row.modSeq),
  MAILBOXID: (_, { area, row }) => `(${formatMailboxObjectId(area.account.accountId, row.mailboxId)})`,
  APPENDLIMIT: (session) => session.limits.messageBytes,
};

/** What the items bring to CAPABILITY. */
export const STATUS_CAPABILITIES: readonly string[] = ['STATUS=SIZE'];

/** `(MESSAGES UNSEEN …)`. Throws `invalid`. */
export function parseStatusItems(input: ArgumentReader): readonly string[] {
  const items = input.listOfSome(() => input.keyword());
  for (const item of items) if (!Object.hasOwn(ITEMS, item)) throw input.error('unknown STATUS item');
  return [...new Set(items)];
}

/** `* STATUS name (…)`. Asking for HIGHESTMODSEQ is a sign of CONDSTORE (RFC 7162 §3.1.1). */
export async function writeStatus(session: Session, place: Place, items: readonly string[]): Promise<void> {
  if (items.includes('HIGHESTMODSEQ')) session.enableCondstore();
  const values: string[] = [];
  for (const name of items) values.push(`${name} ${await (ITEMS[name] as StatusItem)(session, place)}`);
  const { out } = session;
  out.ascii('* STATUS ');
  writeMailboxName(out, place.path, session.utf8);
  out.ascii(` (${values.join(' ')})`);
  out.crlf();
}

/** RFC 3501 §6.3.10: what no session was told of. Claims show in the row itself alone. */
async function countRecent(_: Session, { area, row }: Place): Promise<number> {
  return row.recentEmails === 0 ? 0 : ((await area.account.mailboxNow(row.mailboxId))?.recentEmails ?? 0);
}

/** RFC 9208 §4.1.4: octets of messages marked \Deleted. No counter is kept: few mailboxes have any. */
async function deletedStorage(_: Session, { area, row }: Place): Promise<number> {
  if (row.deletedEmails === 0) return 0;
  const { account } = area;
  const held = account.openIndex(row.mailboxId);
  const { index } = held;
  try {
    await index.refresh();
    const emailIds: EmailId[] = [];
    for (let i = 0; i < index.list.length; i++) {
      if ((index.flagsAt(i) & FLAG.DELETED) !== 0) emailIds.push(index.emailIdAt(i) as EmailId);
    }
    let bytes = 0;
    for (let i = 0; i < emailIds.length; i += FETCH_CHUNK) {
      for (const email of await account.envelopes(emailIds.slice(i, i + FETCH_CHUNK))) bytes += email.sizeBytes;
    }
    return bytes;
  } finally {
    held.release();
  }
}
