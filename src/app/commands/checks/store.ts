/** The store from inside: directory and mail agree, messages can be read, the process may open enough files. */
import { readFile } from 'node:fs/promises';
import { openIdleKeeper } from '#app/keep-idles.ts';
import type { System } from '#app/system.ts';
import { errorText } from '#base/errors.ts';
import type { AccountId, EmailId } from '#base/ids.ts';
import { primaryAddress } from '#app/commands/arguments/account.ts';
import { formatNumberOf } from '#app/commands/arguments/size.ts';
import { fail, ok, warn, type Finding } from './finding.ts';

const PAGE = 500;
/** Enough to notice a lost disk or folder, quick enough to run every hour. */
const SAMPLED_ACCOUNTS = 40;
const SAMPLED_EMAILS = 5;
/** Messages: some minutes' work for the indexer. */
const LARGE_BACKLOG = 50_000;
/** limits.connections counts for each of SMTP, IMAP and POP3. */
const PROTOCOLS = 3;
/** Files that the process has open besides one for each connection. */
const OWN_FILES = 1_000;

/** Every account has mailboxes, and all mail belongs to an account. */
export async function checkAccounts(system: System): Promise<Finding[]> {
  const known = new Set<AccountId>();
  const bare: string[] = [];
  const withMail = new Set(await system.mailStore.reader.accountIds());
  for (let after = 0; ;) {
    const { accounts, next } = await system.directory.listAccounts({ after, limit: PAGE });
    for (const { accountId } of accounts) {
      known.add(accountId);
      if (!withMail.has(accountId)) bare.push(await primaryAddress(system, accountId));
    }
    if (next === null) break;
    after = next;
  }
  const findings: Finding[] = [];
  if (bare.length > 0) {
    const text = `${formatNumberOf(bare.length, 'account')} without mailboxes: ${bare.slice(0, 5).join(', ')}`;
    findings.push(warn('accounts', text, `campusmail account create ${bare[0]} completes it`));
  }
  const lost = [...withMail].filter((accountId) => !known.has(accountId));
  if (lost.length > 0) {
    const text = `mail of ${formatNumberOf(lost.length, 'account')} that no longer exist: ${lost
      .slice(0, 5)
      .map((id) => `#${id}`)
      .join(', ')}`;
    findings.push(warn('accounts', text, `campusmail account delete '#${lost[0]}' --yes removes it`));
  }
  return findings.length > 0 ? findings : [ok('accounts', formatNumberOf(known.size, 'account'))];
}

/** The guard lets what nobody uses be frozen; nothing where there is no rule. */
export async function checkIdles(system: System): Promise<Finding[]> {
  if (system.config.roster.idle.length === 0) return [];
  const { active, atMost, shut } = await openIdleKeeper(system).look();
  const text = `${shut.length} of ${formatNumberOf(active, 'active account')} to be frozen since nobody uses them`;
  if (shut.length <= atMost) return [ok('idle accounts', text)];
  const mend = 'Are sign-ins recorded? See campusmail idle status; when it is right: campusmail idle freeze --yes';
  return [warn('idle accounts', `${text}, more than ${atMost} at once: none is`, mend)];
}

/** Somebody answers for every box of a department. */
export async function checkBoxes(system: System): Promise<Finding[]> {
  const vacant: string[] = [];
  for (let after = 0; ;) {
    const { boxes, next } = await system.directory.listBoxes({ after });
    for (const { accountId, responsibleId, vacantUntil } of boxes)
      if (responsibleId === null || vacantUntil !== null) vacant.push(await primaryAddress(system, accountId));
    if (next === null) break;
    after = next;
  }
  if (vacant.length === 0) return [];
  const text = `that nobody answers for: ${vacant.length}, as ${vacant.slice(0, 5).join(', ')}`;
  return [warn('department boxes', text, `campusmail mailbox set ${vacant[0]} --responsible ADDRESS`)];
}

/** Mail can be stored: there is room, and nothing else in the way. */
export async function checkWriting(system: System): Promise<Finding> {
  try {
    await system.maintenance.probe();
    return ok('writing', 'the store takes writes');
  } catch (error) {
    const mend = 'Make room: campusmail gc, a larger disk, or smaller quotas; otherwise see the log';
    return fail('writing', `the store cannot write: ${errorText(error)}`, mend);
  }
}

/** Reads the newest messages of accounts spread over all. */
export async function checkSample(system: System): Promise<Finding> {
  const accountIds = await system.mailStore.reader.accountIds();
  const step = Math.max(1, Math.ceil(accountIds.length / SAMPLED_ACCOUNTS));
  let read = 0;
  let damaged = 0;
  let reason = '';
  for (let i = 0; i < accountIds.length; i += step) {
    const account = system.mail.account(accountIds[i] as AccountId);
    const { nextEmailId } = await account.status();
    const newest = Array.from({ length: SAMPLED_EMAILS }, (_, n) => (nextEmailId - 1 - n) as EmailId);
    for (const { emailId } of await account.emails(newest.filter((emailId) => emailId > 0))) {
      read++;
      await account.readMessage(emailId).catch((error: unknown) => {
        damaged++;
        reason = errorText(error);
      });
    }
  }
  if (damaged === 0) return ok('messages', `${formatNumberOf(read, 'message')} of a sample are whole`);
  return fail(
    'messages',
    `${damaged} of ${formatNumberOf(read, 'message')} cannot be read: ${reason}`,
    'campusmail verify names them all; see docs/operations/troubleshooting.md',
  );
}

/** Searches are complete without the index, but slow where it lags far behind. */
export async function checkSearchIndex(system: System): Promise<Finding> {
  let waiting: number;
  try {
    ({ waiting } = await system.searchIndex.backlog(1));
  } catch (error) {
    return fail('search index', errorText(error), 'A running server, or campusmail reindex, makes it anew');
  }
  const text = `${formatNumberOf(waiting, 'message')} not indexed yet`;
  if (waiting < LARGE_BACKLOG) return ok('search index', waiting === 0 ? 'up to date' : text);
  return warn('search index', text, 'campusmail reindex brings it up to date; see the log if it does not go down');
}

/** Of the process this runs in, which is the server's where one runs. */
export async function checkFileLimit(connections: number, isServer: boolean): Promise<Finding[]> {
  const limits = await readFile('/proc/self/limits', 'utf8').catch(() => '');
  const soft = /^Max open files\s+(\d+|unlimited)/m.exec(limits)?.[1];
  if (soft === undefined || !isServer) return [];
  const wanted = connections * PROTOCOLS + OWN_FILES;
  if (soft === 'unlimited' || Number(soft) >= wanted) return [ok('open files', `${soft} allowed`)];
  return [
    warn(
      'open files',
      `${soft} allowed, fewer than limits.connections (${connections} for each protocol) may need`,
      `LimitNOFILE=${Math.ceil(wanted / 65_536) * 65_536} in the systemd unit`,
    ),
  ];
}
