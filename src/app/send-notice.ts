/** Puts a notice of the school into people's mailboxes, as one stored message. */
import type { AccountId } from '#base/ids.ts';
import { formatAddress } from '#directory/address.ts';
import { takesMail } from '#directory/stages.ts';
import type { DirectoryAccountRow } from '#directory/types.ts';
import { composeMessage } from '#mime/compose.ts';
import type { NoticeFileRow, NoticeRow } from '#notices/types.ts';
import { webOriginOf } from './site.ts';
import type { System } from './system.ts';

/** Of those that a notice is for: all, or by service class or cohort. */
export const AUDIENCES = ['all', 'staff', 'students', 'new', 'legacy'] as const;
export type Audience = (typeof AUDIENCES)[number];

export interface NoticeSent {
  readonly sent: number;
  /** They have had it from a run before. */
  readonly had: number;
  /** By the code of what went wrong: another run tries them again. */
  readonly failed: ReadonlyMap<string, number>;
}

/** Accounts that share one commit. */
const AT_ONCE = 100;

/**
 * Once for each account: what is in a mailbox is claimed, and the next run passes over it. A run that is cut short may have
 * put it into the last AT_ONCE mailboxes without claiming it: they get it twice, under one Message-ID.
 */
export async function sendNotice(
  system: System,
  notice: NoticeRow,
  audience: Audience,
  { signal, onProgress }: { readonly signal: AbortSignal; readonly onProgress: (sent: number) => void },
): Promise<NoticeSent> {
  const { directory, mail, clock } = system;
  const message = mail.prepareMessage(composeNotice(system, notice, await system.notices.files(notice.noticeId)));
  const claim = `notice ${notice.noticeId}`;
  const failed = new Map<string, number>();
  let [sent, had] = [0, 0];
  let after: number | null = 0;
  while (after !== null && !signal.aborted) {
    const page: Awaited<ReturnType<typeof directory.listAccounts>> = await directory.listAccounts({
      after,
      limit: AT_ONCE,
    });
    const wanted = await keep(page.accounts, (row) => isMeant(system, notice, audience, row));
    const fresh = await keep(wanted, async ({ accountId }) => !(await directory.isNoticeClaimed(claim, accountId)));
    had += wanted.length - fresh.length;
    const ids = fresh.map(({ accountId }) => accountId);
    const outcomes = await mail.deliver(message, ids, clock.now());
    const reached: AccountId[] = [];
    for (const [accountId, outcome] of outcomes) {
      if (outcome.ok) reached.push(accountId);
      else failed.set(outcome.error.code, (failed.get(outcome.error.code) ?? 0) + 1);
    }
    await Promise.all(reached.map((accountId) => directory.claimNotice(claim, accountId)));
    sent += reached.length;
    onProgress(sent);
    after = page.next;
  }
  return { sent, had, failed };
}

/** Those for which the answer is yes, all asked at once. */
async function keep<T>(values: readonly T[], isWanted: (value: T) => Promise<boolean>): Promise<readonly T[]> {
  const answers = await Promise.all(values.map(isWanted));
  return values.filter((_, at) => answers[at]);
}

async function isMeant(
  { directory }: System,
  notice: NoticeRow,
  audience: Audience,
  account: DirectoryAccountRow,
): Promise<boolean> {
  if (account.state !== 'active' || !takesMail(account)) return false;
  const rows = await directory.addressesOf(account.accountId);
  const realm = rows[0] && directory.realms.ofDomain(rows[0].domain);
  // Nothing comes into an old system's mailboxes any more.
  if (realm !== undefined && realm.archive !== null) return false;
  if (notice.realm !== null && notice.realm !== realm?.name) return false;
  if (audience === 'all') return true;
  if (audience === 'new' || audience === 'legacy')
    return directory.lives.cohortOf(rows.map(formatAddress)) === audience;
  const serviceClass = account.serviceClass ?? realm?.serviceClass ?? 'staff';
  return serviceClass === (audience === 'students' ? 'student' : 'staff');
}

/** The same octets in every run: they are stored once. */
function composeNotice(system: System, notice: NoticeRow, files: readonly NoticeFileRow[]): Buffer {
  const { config } = system;
  const realm = config.realms.find(({ name }) => name === notice.realm);
  const domain = realm?.domain ?? (config.auth.defaultDomain || config.hostname);
  const number = notice.number === '' ? '' : `${notice.number}\n\n`;
  const names = files.map(({ name }) => `  ${name}\n`).join('');
  return composeMessage({
    from: { name: '通知公告 Notices', email: `postmaster@${domain}` },
    to: [],
    subject: notice.title,
    text: `${number}${notice.body}

--------
${names === '' ? '' : `附件在网页上 (the attachments are on the web page):\n${names}\n`}在网页上查看 (on the web): ${webOriginOf(config, realm)}/notices/${notice.noticeId}
`,
    dateMs: notice.publishedAt,
    messageId: `notice-${notice.noticeId}.${notice.publishedAt}@${config.hostname}`,
    // RFC 3834 §5.
    headers: [['Auto-Submitted', 'auto-generated']],
  });
}
