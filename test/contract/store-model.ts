/**
 * Random changes made to two stores alike: after each, both must have answered alike and hold the same. The memory
 * store is the readable one; whatever differs from it is wrong, or it is.
 */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { AccountId, DeletionId, EmailId, MailboxId, ThreadId } from '#base/ids.ts';
import type { MailStore, OperationOutcome, OperationRequest } from '#mail/ports/mail-store.ts';
import { prepareMessage } from '#mail/prepare-message.ts';
import type { TestStore } from '#test/harness/stores.ts';

/** Three conversations, a reply prefix in Chinese, a subject in GB18030, a message without an id, an empty one. */
const MESSAGES: readonly Buffer[] = [
  Buffer.from('Message-ID: <a1@x>\r\nSubject: budget\r\n\r\none\r\n'),
  Buffer.from('Message-ID: <a2@x>\r\nIn-Reply-To: <a1@x>\r\nSubject: =?UTF-8?B?5Zue5aSN77yaYnVkZ2V0?=\r\n\r\ntwo\r\n'),
  Buffer.from('Message-ID: <a3@x>\r\nReferences: <a1@x> <a2@x>\r\nSubject: another matter\r\n\r\nthree\r\n'),
  Buffer.concat([
    Buffer.from('Message-ID: <b1@x>\r\nSubject: '),
    Buffer.from('d1a7d0a3cda8d6aa', 'hex'),
    Buffer.from('\r\n\r\nbody\r\n'),
  ]),
  Buffer.from('Subject: no id\r\n\r\nx\r\n'),
  Buffer.from('\r\n'),
];

const ACCOUNTS = [7, 8] as AccountId[];
const NAMES = ['A', 'A/B', '归档 & Résumé', 'INBOX/x', 'inbox', 'C', 'C/D/E', 'bad//name'];
const ROLES = [null, 'flagged', 'sent', 'trash'] as const;
const BY = { way: 'pop3', login: 'li@kust.example', agent: '' };
const KEYWORDS = ['$seen', '$flagged', '$draft', 'todo', 'work', 'bad keyword'];

/** Mailboxes and uids are named by small numbers and found by counting, so that most steps hit something. */
const mailboxIndex = fc.nat({ max: 9 });
const uidList = fc
  .uniqueArray(fc.integer({ min: 1, max: 12 }), { maxLength: 6 })
  .map((uids) => uids.toSorted((a, b) => a - b));
const keywords = fc.uniqueArray(fc.constantFrom(...KEYWORDS), { maxLength: 3 });

type Step = { readonly account: number } & (
  | {
      readonly name: 'append';
      readonly messages: number[];
      readonly mailboxes: number[];
      readonly keywords: string[];
      readonly deleted: boolean;
      readonly fromMigration: boolean;
    }
  | { readonly name: 'copy' | 'move'; readonly from: number; readonly to: number; readonly uids: number[] }
  | {
      readonly name: 'expunge';
      readonly mailbox: number;
      readonly uids: number[] | undefined;
      readonly onlyDeleted: boolean;
      readonly isKept: boolean;
    }
  | {
      readonly name: 'setKeywords';
      readonly mailbox: number;
      readonly uids: number[];
      readonly change: 'add' | 'remove' | 'replace';
      readonly keywords: string[];
      readonly deleted: boolean;
      readonly unchangedSince: number | undefined;
    }
  | { readonly name: 'createMailbox'; readonly path: string; readonly role: (typeof ROLES)[number] }
  | { readonly name: 'renameMailbox'; readonly mailbox: number; readonly path: string; readonly keepName: boolean }
  | {
      readonly name: 'deleteMailbox';
      readonly mailbox: number;
      readonly removeEmails: boolean;
      readonly keepName: boolean;
    }
  | {
      readonly name: 'updateMailbox';
      readonly mailbox: number;
      readonly subscribed: boolean;
      readonly role: 'trash' | null | undefined;
    }
  | { readonly name: 'setSubscription'; readonly path: string; readonly subscribed: boolean }
  | { readonly name: 'claimRecent'; readonly mailbox: number; readonly below: number }
  | { readonly name: 'recoverDeletions' | 'destroyDeletions'; readonly deletions: number[] }
  | { readonly name: 'forgetDeletions'; readonly limit: number }
  | { readonly name: 'setQuota'; readonly quotaMessages: number | null }
  | { readonly name: 'provisionAccount' | 'deleteAccount' | 'renewAccount' }
);

const account = fc.nat({ max: ACCOUNTS.length - 1 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      account,
      name: fc.constant('append' as const),
      messages: fc.array(fc.nat({ max: MESSAGES.length - 1 }), { minLength: 1, maxLength: 3 }),
      mailboxes: fc.array(mailboxIndex, { minLength: 1, maxLength: 2 }),
      keywords,
      deleted: fc.boolean(),
      fromMigration: fc.boolean(),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      account,
      name: fc.constantFrom('copy' as const, 'move' as const),
      from: mailboxIndex,
      to: mailboxIndex,
      uids: uidList,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      account,
      name: fc.constant('expunge' as const),
      mailbox: mailboxIndex,
      uids: fc.option(uidList, { nil: undefined }),
      onlyDeleted: fc.boolean(),
      isKept: fc.boolean(),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      account,
      name: fc.constant('setKeywords' as const),
      mailbox: mailboxIndex,
      uids: uidList,
      change: fc.constantFrom('add' as const, 'remove' as const, 'replace' as const),
      keywords,
      deleted: fc.boolean(),
      unchangedSince: fc.option(fc.nat({ max: 15 }), { nil: undefined }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      account,
      name: fc.constant('createMailbox' as const),
      path: fc.constantFrom(...NAMES),
      role: fc.constantFrom(...ROLES),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      account,
      name: fc.constant('renameMailbox' as const),
      mailbox: mailboxIndex,
      path: fc.constantFrom(...NAMES),
      keepName: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      account,
      name: fc.constant('deleteMailbox' as const),
      mailbox: mailboxIndex,
      removeEmails: fc.boolean(),
      keepName: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      account,
      name: fc.constant('setSubscription' as const),
      path: fc.constantFrom(...NAMES),
      subscribed: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      account,
      name: fc.constant('claimRecent' as const),
      mailbox: mailboxIndex,
      below: fc.nat({ max: 14 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      account,
      name: fc.constant('updateMailbox' as const),
      mailbox: mailboxIndex,
      subscribed: fc.boolean(),
      role: fc.constantFrom('trash' as const, null, undefined),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      account,
      name: fc.constantFrom('recoverDeletions' as const, 'destroyDeletions' as const),
      deletions: fc.uniqueArray(fc.integer({ min: 1, max: 8 }), { minLength: 1, maxLength: 4 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ account, name: fc.constant('forgetDeletions' as const), limit: fc.nat({ max: 4 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      account,
      name: fc.constant('setQuota' as const),
      quotaMessages: fc.option(fc.nat({ max: 6 })),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      account,
      name: fc.constantFrom('provisionAccount' as const, 'deleteAccount' as const, 'renewAccount' as const),
    }),
  },
);

function toRequest(one: Step, store: MailStore): OperationRequest {
  const accountId = ACCOUNTS[one.account] as AccountId;
  const mailboxId = (index: number): MailboxId => (index + 1) as MailboxId;
  switch (one.name) {
    case 'append':
      return {
        accountId,
        name: 'append',
        args: {
          source: one.fromMigration ? 'migration' : 'imap',
          items: one.messages.map((message) => ({
            message: prepareMessage(MESSAGES[message] as Buffer, (octets) => store.prepareBlob(octets)),
            mailboxes: one.mailboxes.map((index) => (index === 9 ? 'inbox' : mailboxId(index))),
            keywords: one.keywords,
            deleted: one.deleted,
            receivedAt: 1_568_606_400_000 + message,
          })),
        },
      };
    case 'copy':
    case 'move':
      return {
        accountId,
        name: one.name,
        args: { fromMailboxId: mailboxId(one.from), toMailboxId: mailboxId(one.to), uids: one.uids },
      };
    case 'expunge':
      return {
        accountId,
        name: 'expunge',
        args: {
          mailboxId: mailboxId(one.mailbox),
          uids: one.uids,
          onlyDeleted: one.onlyDeleted,
          ...(one.isKept && { by: BY }),
        },
      };
    case 'setKeywords': {
      const { uids, change, keywords: names, deleted, unchangedSince } = one;
      return {
        accountId,
        name: 'setKeywords',
        args: { mailboxId: mailboxId(one.mailbox), uids, change, keywords: names, deleted, unchangedSince },
      };
    }
    case 'createMailbox':
      return { accountId, name: 'createMailbox', args: { path: one.path, role: one.role } };
    case 'renameMailbox':
      return {
        accountId,
        name: 'renameMailbox',
        args: { mailboxId: mailboxId(one.mailbox), path: one.path, keepName: one.keepName },
      };
    case 'deleteMailbox':
      return {
        accountId,
        name: 'deleteMailbox',
        args: { mailboxId: mailboxId(one.mailbox), removeEmails: one.removeEmails, keepName: one.keepName, by: BY },
      };
    case 'setSubscription':
      return { accountId, name: 'setSubscription', args: { path: one.path, subscribed: one.subscribed } };
    case 'claimRecent':
      return { accountId, name: 'claimRecent', args: { mailboxId: mailboxId(one.mailbox), below: one.below } };
    case 'updateMailbox': {
      const { mailbox, subscribed, role } = one;
      const patch = role === undefined ? { subscribed } : { subscribed, role };
      return { accountId, name: 'updateMailbox', args: { mailboxId: mailboxId(mailbox), ...patch } };
    }
    case 'recoverDeletions':
    case 'destroyDeletions':
      return { accountId, name: one.name, args: { deletionIds: one.deletions as DeletionId[] } };
    case 'forgetDeletions':
      return { accountId, name: one.name, args: { deletedBefore: Number.MAX_SAFE_INTEGER, limit: one.limit } };
    case 'setQuota':
      return { accountId, name: 'setQuota', args: { quotaBytes: null, quotaMessages: one.quotaMessages } };
    case 'provisionAccount':
    case 'deleteAccount':
    case 'renewAccount':
      return { accountId, name: one.name, args: {} };
  }
}

/** Outcomes as far as they must agree: values and error codes, not wording. uidValidity depends on the clock alone. */
function comparable(outcome: OperationOutcome): unknown {
  return outcome.ok ? outcome.value : outcome.error.code;
}

/** Everything a reader can see of one account. */
async function dump({ reader }: MailStore, accountId: AccountId): Promise<unknown> {
  const accountRow = await reader.account(accountId);
  const mailboxes = await reader.mailboxes(accountId);
  const emailIds = new Set<number>();
  const entries = [];
  for (const { mailboxId } of mailboxes) {
    const columns = await reader.entries(accountId, mailboxId);
    for (const emailId of columns.emailIds) emailIds.add(emailId);
    const uids = [...columns.uids];
    assert.deepEqual(await reader.entriesOf(accountId, mailboxId, uids), columns);
    entries.push({
      mailboxId,
      uids,
      emailIds: [...columns.emailIds],
      flags: [...columns.flags],
      modSeqs: [...columns.modSeqs],
      keywords: [...columns.keywords].toSorted(([a], [b]) => a - b),
    });
  }
  const ids = [...emailIds].toSorted((a, b) => a - b) as EmailId[];
  // Keys of blobs are a store's own business.
  const emails = (await reader.emails(accountId, ids))
    .map(({ blobKey: _, ...email }) => email)
    .toSorted((a, b) => a.emailId - b.emailId);
  const threads: unknown[] = [];
  for (const threadId of new Set<ThreadId>(emails.map((email) => email.threadId))) {
    threads.push([threadId, await reader.thread(accountId, threadId)]);
  }
  return {
    account: accountRow,
    modSeq: await reader.modSeq(accountId),
    mailboxes,
    lostSubscriptions: (await reader.lostSubscriptions(accountId)).toSorted(),
    entries,
    emails,
    threads,
    rows: await reader.listRows(accountId, ids),
    envelopes: await reader.envelopes(accountId, ids),
    structures: await Promise.all(ids.map((id) => reader.structure(accountId, id))),
    octets: await Promise.all(ids.map(async (id) => (await reader.readMessage(accountId, id)).toString('latin1'))),
    deletions: (await reader.latestDeletions(accountId, 100)).map(({ blobKey: _, ...deletion }) => deletion),
    changes: await reader.changes(accountId, 0 as never, 1000),
  };
}

export interface StoreModelOptions {
  readonly openModel: () => Promise<TestStore>;
  readonly openSubject: () => Promise<TestStore>;
  readonly runs: number;
  readonly stepsPerRun: number;
}

/** Both stores must take their time from clocks that stand still alike. Closes them, which checks them. */
export async function checkAgainstModel(options: StoreModelOptions): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: options.stepsPerRun, size: 'max' }), async (steps) => {
      const stores = await Promise.all([options.openModel(), options.openSubject()]);
      const [model, subject] = stores.map(({ mail }) => mail) as [MailStore, MailStore];
      try {
        for (const one of steps) {
          const [wanted] = await model.run([toRequest(one, model)]);
          const [got] = await subject.run([toRequest(one, subject)]);
          assert.deepEqual(comparable(got as OperationOutcome), comparable(wanted as OperationOutcome), one.name);
        }
        for (const accountId of ACCOUNTS)
          assert.deepEqual(await dump(subject, accountId), await dump(model, accountId));
      } finally {
        await Promise.all(stores.map((store) => store.close()));
      }
    }),
    { numRuns: options.runs },
  );
}
