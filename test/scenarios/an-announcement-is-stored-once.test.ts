/** An announcement to two thousand people is one message in the store, and each has it. */
import assert from 'node:assert/strict';
import { silentLog } from '#base/log.ts';
import { systemRandom } from '#base/random.ts';
import { makeTransaction, showReply } from '#delivery/testing/campus.ts';
import { Directory } from '#directory/directory.ts';
import type { AccountId } from '#directory/types.ts';
import { Mail } from '#mail/mail.ts';
import { Queue } from '#queue/queue.ts';
import { createSubmissionReceiver } from '#submission/receiver.ts';
import { eachStore } from '#test/harness/stores.ts';
import { TraceRecorder } from '#trace/recorder.ts';

const PEOPLE = 2000;
const ALL = 'all@kust.example';

eachStore(
  'an announcement to 2,000 people is stored once',
  async (store) => {
    const { clock } = store;
    const directory = new Directory({ store: store.directory, clock, random: systemRandom, log: silentLog });
    await directory.addDomain('kust.example');
    const addresses = Array.from({ length: PEOPLE }, (_, i) => `p${i}@kust.example`);
    const created = await Promise.all(
      addresses.map((address) =>
        store.directory.run('createAccount', { address, displayName: '', verifier: 'none', scramSha256: null }),
      ),
    );
    const accountIds = created.map((one) => (one as { accountId: AccountId }).accountId);
    const [author = assert.fail()] = addresses;
    const group = { address: ALL, displayName: '全校', posting: 'named', isList: true, owners: [author] } as const;
    const all = await directory.createGroup(group);
    assert.equal(await directory.addToGroup(all, 'member', addresses), PEOPLE);
    await directory.addToGroup(all, 'poster', [author]);

    const mail = new Mail(store.mail);
    const trace = new TraceRecorder(store.trace, silentLog);
    const receiver = createSubmissionReceiver({
      directory,
      mail,
      queue: new Queue({ store: store.queue, clock }),
      trace,
      ledger: { judge: async () => undefined, reserve: async () => undefined },
      overuse: { note: async () => undefined },
      reporter: { report: async () => false },
      savesSent: false,
      hostname: 'mail.kust.example',
      clock,
      random: systemRandom,
      log: silentLog,
    });
    const transaction = makeTransaction({ protocol: 'submission', from: author, to: [ALL] });
    const account = { accountId: accountIds[0] as AccountId, loginAddress: author };
    const message = Buffer.from(`From: ${author}\r\nSubject: 放假通知\r\n\r\n${'放假\r\n'.repeat(1000)}`);
    const replies = await receiver.data({ ...transaction, peer: { ...transaction.peer, account } }, message);
    assert.deepEqual(replies.map(showReply), ['250 2.0.0 Ok: queued as ID']);
    await trace.flush();

    for (const accountId of accountIds) assert.equal((await mail.account(accountId).status()).usedMessages, 1);
    let blobs = 0;
    for await (const event of store.maintenance.scrub()) if (event.kind === 'progress') blobs = event.totalBlobs;
    assert.equal(blobs, 1);
    directory.close();
  },
  { kinds: ['sqlite'] },
);
