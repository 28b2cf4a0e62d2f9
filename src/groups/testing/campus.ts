/** A store in memory with a directory, for tests of mail to groups: LI, WANG and ZHAO have accounts. */
import { FakeClock } from '#base/clock.ts';
import type { EmailId } from '#base/ids.ts';
import { silentLog } from '#base/log.ts';
import { systemRandom } from '#base/random.ts';
import { Directory } from '#directory/directory.ts';
import type { DirectorySettings } from '#directory/directory.ts';
import type { AccountId, GroupId, PostingPolicy } from '#directory/types.ts';
import { Mail } from '#mail/mail.ts';
import { Queue } from '#queue/queue.ts';
import { openMemoryStore } from '#store/open-memory.ts';
import { TraceRecorder } from '#trace/recorder.ts';
import type { Trace } from '#trace/types.ts';

export const LI = 'li@kust.example';
export const WANG = 'wang@kust.example';
export const ZHAO = 'zhao@kust.example';
export const ALL = 'all@kust.example';
export const GUEST = 'guest@example.org';

export interface GroupCampus extends AsyncDisposable {
  readonly clock: FakeClock;
  readonly directory: Directory;
  readonly mail: Mail;
  readonly queue: Queue;
  readonly trace: TraceRecorder;
  readonly accounts: Readonly<Record<string, AccountId>>;
  /** ALL, with LI for an owner; LI, WANG and GUEST are its members. */
  readonly all: GroupId;
  createGroup(address: string, members: readonly string[], posting?: PostingPolicy, isList?: boolean): Promise<GroupId>;
  /** Messages in the account's inbox. */
  inbox(address: string): Promise<string[]>;
  /** What is queued: reverse path, then recipients; by destination. */
  queued(): Promise<string[][]>;
  /** What became of messages to this address, newest first. */
  tracesTo(address: string): Promise<Trace[]>;
}

export async function openGroupCampus(
  posting: PostingPolicy = 'everyone',
  isList = true,
  settings: Partial<DirectorySettings> = {},
): Promise<GroupCampus> {
  const clock = new FakeClock();
  const store = await openMemoryStore({ clock });
  const directory = new Directory({
    store: store.directory,
    clock,
    random: systemRandom,
    log: silentLog,
    settings: { argon2id: { memoryKib: 8, iterations: 1, parallelism: 1 }, scramIterations: 4096, ...settings },
  });
  const mail = new Mail(store.mail);
  const queue = new Queue({ store: store.queue, clock });
  const trace = new TraceRecorder(store.trace, silentLog);
  await directory.addDomain('kust.example');
  const accounts: Record<string, AccountId> = {};
  for (const address of [LI, WANG, ZHAO]) accounts[address] = await directory.createAccount(address, 'Campus-密码-7');
  const createGroup: GroupCampus['createGroup'] = async (address, members, policy = 'everyone', list = false) => {
    const groupId = await directory.createGroup({
      address,
      displayName: '全体',
      posting: policy,
      isList: list,
      owners: [LI],
    });
    await directory.addToGroup(groupId, 'member', members);
    return groupId;
  };
  const all = await createGroup(ALL, [LI, WANG, GUEST], posting, isList);
  return {
    clock,
    directory,
    mail,
    queue,
    trace,
    accounts,
    all,
    createGroup,
    async inbox(address) {
      const account = mail.account(accounts[address] as AccountId);
      const mailbox = await account.findMailbox('INBOX');
      if (mailbox === undefined) return [];
      const opened = account.openIndex(mailbox.mailboxId);
      const { index } = opened;
      await index.refresh();
      const emailIds = Array.from(index.list, (_, at) => index.emailIdAt(at) as EmailId);
      opened.release();
      return Promise.all(emailIds.map(async (emailId) => (await account.readMessage(emailId)).toString()));
    },
    async queued() {
      const deliveries = await queue.list({}, { limit: 1000 });
      return deliveries.map(({ message, recipients }) => [
        message.reversePath,
        ...recipients.map(({ address }) => address),
      ]);
    },
    async tracesTo(address) {
      await trace.flush();
      const { reader } = store.trace;
      const found = await reader.find({ recipient: address }, 100);
      return Promise.all(found.map(async ({ queueId }) => (await reader.trace(queueId)) as Trace));
    },
    async [Symbol.asyncDispose]() {
      directory.close();
      await store.mail.checkInvariants();
      await store.close();
    },
  };
}
