/** All that is somebody's, to take along when they leave (PIPL art. 45): mail as mbox, and what is known of them, in one zip. */
import type { AccountId } from '#base/ids.ts';
import { LruMap } from '#base/lru-map.ts';
import { formatAddress } from '#directory/address.ts';
import { jsonAnswer, statusAnswer } from '#http/answers.ts';
import type { HttpRoute } from '#http/types.ts';
import { formatVcard } from '#jmap/vcard.ts';
import type { MailAccount, MailboxListing } from '#mail/account.ts';
import type { WebSignIn } from '#signin/signin.ts';
import { DistinctNames, safeFileName } from './commands/transfer/file-name.ts';
import { formatMboxMessage } from './commands/transfer/mbox-target.ts';
import { readMailbox } from './commands/transfer/read-mailbox.ts';
import type { ThreadSystem } from './system.ts';
import { makeZip, type ZipEntry } from './zip-stream.ts';

const README = `本压缩包包含您邮箱中的全部邮件与登记信息。
mail/ 中每个文件夹对应一个 .mbox 文件，可用 Thunderbird（ImportExportTools NG）、Apple 邮件或 Foxmail 导入。
contacts.vcf（如有）是个人通讯录，各邮件程序与手机均可导入。account.json 是系统保存的您的个人信息。failures.txt（如有）列出无法读取的邮件。

This archive holds all mail of your mailbox, and what is known of you.
In mail/ there is an .mbox file for each folder, which Thunderbird, Apple Mail and others import.
contacts.vcf, if there is one, holds your own contacts. account.json is what the system keeps about you. failures.txt, if there is one, names messages that could not be read.
`;

/** The octets of the archive, at the reader's pace. */
export function makeTakeOut(system: ThreadSystem, accountId: AccountId): AsyncIterable<Uint8Array> {
  return makeZip(listEntries(system, accountId));
}

async function* listEntries(system: ThreadSystem, accountId: AccountId): AsyncGenerator<ZipEntry> {
  const account = system.mail.account(accountId);
  const failures: string[] = [];
  yield { name: '说明 README.txt', content: [Buffer.from(README)] };
  yield { name: 'account.json', content: [Buffer.from(await describe(system, accountId))] };
  const { rows: cards } = await system.jmapRecords.cards(accountId);
  if (cards.length > 0)
    yield { name: 'contacts.vcf', content: cards.map(({ card }) => Buffer.from(formatVcard(card))) };
  const names = new DistinctNames();
  // Somebody who never signed in has none.
  const mailboxes = (await account.modSeq()) === 0 ? [] : await account.mailboxes();
  for (const mailbox of mailboxes) {
    const name = names.claim(mailbox.path.split('/').map(safeFileName).join('/'));
    yield { name: `mail/${name}.mbox`, content: writeMbox(system, account, mailbox, failures) };
  }
  if (failures.length > 0) yield { name: 'failures.txt', content: [Buffer.from(`${failures.join('\n')}\n`)] };
}

async function* writeMbox(
  { mailStore }: ThreadSystem,
  account: MailAccount,
  mailbox: MailboxListing,
  failures: string[],
): AsyncGenerator<Uint8Array> {
  for await (const message of readMailbox(mailStore, account, mailbox)) {
    if (typeof message === 'string') failures.push(message);
    else yield* formatMboxMessage(message);
  }
}

async function describe({ directory }: ThreadSystem, accountId: AccountId): Promise<string> {
  const [account, addresses, persons, forwardings, vacations] = await Promise.all([
    directory.account(accountId),
    directory.addressesOf(accountId),
    directory.personsOf(accountId),
    directory.forwardings([accountId]),
    directory.vacations([accountId]),
  ]);
  const facts = {
    name: account?.displayName,
    createdAt: account && new Date(account.createdAt).toISOString(),
    addresses: addresses.map(formatAddress),
    roster: persons.map(({ personId: _id, accountId: _account, tailCheck: _tail, ...person }) => person),
    forwarding: forwardings.map(({ targets, keepsCopy }) => ({ targets, keepsCopy }))[0] ?? null,
    vacation: vacations.map(({ accountId: _account, ...vacation }) => vacation)[0] ?? null,
  };
  return `${JSON.stringify(facts, null, 2)}\n`;
}

/** Whoever leaves a browser open gives nobody all their mail: the sign-in is of just now. */
const FRESH_MS = 15 * 60_000;
/** Reading all mail is work: each account once in so long, and so many at a time; for each thread. */
const AGAIN_AFTER_MS = 10 * 60_000;
const AT_ONCE = 4;
const ACCOUNTS_KEPT = 10_000;

/** 403 `signInAgain`, 429; else the archive as it is made. */
export function takeOutRoute(system: ThreadSystem, signIn: WebSignIn): HttpRoute {
  const { clock, sessions, audit } = system;
  const lastAt = new LruMap<AccountId, number>(ACCOUNTS_KEPT);
  let running = 0;
  return {
    method: 'GET',
    path: '/take-out',
    async respond(request) {
      const caller = await signIn.authenticate(request);
      if ('status' in caller) return caller;
      const { accountId, sessionId, login } = caller;
      if (sessionId !== undefined) {
        const session = (await sessions.list(accountId)).find((one) => one.sessionId === sessionId);
        if (session === undefined || clock.now() - session.createdAt > FRESH_MS)
          return jsonAnswer(403, { error: 'signInAgain' });
      }
      const waitMs = (lastAt.get(accountId) ?? -Infinity) + AGAIN_AFTER_MS - clock.monotonic();
      if (waitMs > 0 || running >= AT_ONCE)
        return statusAnswer(429, { 'retry-after': String(Math.max(60, Math.ceil(waitMs / 1000))) });
      lastAt.set(accountId, clock.monotonic());
      audit.record({
        action: 'administration.exported',
        actor: { kind: 'account', accountId, name: login },
        accountId,
        subject: login,
        via: 'web',
        remoteAddress: request.remoteAddress,
      });
      const [primary] = await system.directory.addressesOf(accountId);
      const name = primary === undefined ? 'mail' : safeFileName(primary.localPart);
      return {
        status: 200,
        contentType: 'application/zip',
        headers: { 'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(name)}.zip` },
        isCompressible: false,
        body: counted(makeTakeOut(system, accountId)),
      };
    },
  };

  async function* counted(octets: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    running++;
    try {
      yield* octets;
    } finally {
      running--;
    }
  }
}
