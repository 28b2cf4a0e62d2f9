import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';

import { FakeClock, systemClock } from '#base/clock.ts';
import type { AccountId, EmailId } from '#base/ids.ts';
import { silentLog } from '#base/log.ts';
import { systemRandom } from '#base/random.ts';
import { Directory } from '#directory/directory.ts';
import type { Mail } from '#mail/mail.ts';
import type { Receiver } from '#smtp/receiver.ts';
import { Reporter } from '#queue/reporter.ts';
import { createSmtpServer } from '#smtp/server.ts';
import { openMemoryStore } from '#store/open-memory.ts';
import type { TraceEvent, TracedMessage } from '#trace/types.ts';
import { LineClient } from '#test/harness/line-client.ts';

import { makeCampus, makeTransaction, MESSAGE, noGroups, showReply } from './testing/campus.ts';
import type { Campus, Sending } from './testing/campus.ts';

type Store = Awaited<ReturnType<typeof openMemoryStore>>;

let store: Store;
let campus: Campus;

beforeEach(async () => {
  const clock = new FakeClock();
  store = await openMemoryStore({ clock });
  campus = makeCampus(store.mail, clock);
  campus.table.set('li@example.edu', 1).set('李雷@example.edu', 1).set('wang@example.edu', 2);
});

afterEach(async () => {
  await store.mail.checkInvariants();
  await store.close();
});

async function send(sending: Sending, octets = MESSAGE, receiver: Receiver = campus.receiver): Promise<string[]> {
  return (await receiver.data(makeTransaction(sending), octets)).map(showReply);
}

async function ask(address: string, sending: Partial<Sending> = {}): Promise<string> {
  const transaction = makeTransaction({ to: [], ...sending });
  return showReply(await campus.receiver.rcpt(transaction, { address, dsn: {} }));
}

async function setQuota(id: number, quotaBytes: number | null, quotaMessages: number | null = null): Promise<void> {
  await campus.account(id).provision();
  await campus.account(id).setQuota({ quotaBytes, quotaMessages });
}

describe('RCPT', () => {
  it('accepts an address of ours, also one whose account never had mail', async () => {
    assert.equal(await ask('li@example.edu', { sizeBytes: 100_000_000 }), 'ok');
  });

  it('accepts the postmaster of this host, whose name is no domain of ours', async () => {
    campus.table.set('postmaster', 2);
    assert.equal(await ask('Postmaster@mx.example.edu'), 'ok');
    assert.equal(await ask('li@mx.example.edu'), '550 5.7.1 <li@mx.example.edu>: relaying denied');
    assert.equal((await send({ to: ['Postmaster@mx.example.edu'] }))[0]?.slice(0, 9), '250 2.0.0');
    assert.equal((await campus.account(2).status()).usedMessages, 1);
  });

  it('keeps text that comes without a header in the body', async () => {
    for (const [id, octets] of [
      [1, 'hello\r\n'],
      [2, 'Subject : old form\r\n\r\nhello\r\n'],
    ] as const) {
      await send({ to: [id === 1 ? 'li@example.edu' : 'wang@example.edu'] }, Buffer.from(octets));
      const account = campus.account(id);
      const [row] = await account.listRows([1 as EmailId]);
      assert.equal(row?.preview, 'hello');
      assert.equal(row.summary.subject, id === 1 ? '' : 'old form');
    }
  });

  it('refuses what it cannot deliver, in harmless words', async () => {
    campus.table.set('gone@example.edu', null);
    assert.equal(await ask('x@example.com'), '550 5.7.1 <x@example.com>: relaying denied');
    assert.equal(await ask('nobody@example.edu'), '550 5.1.1 <nobody@example.edu>: no such user here');
    assert.equal(await ask('gone@example.edu'), '550 5.2.1 <gone@example.edu>: mailbox disabled');
    assert.equal(
      await ask('a\r\n250 ok"@example.edu'),
      String.raw`550 5.1.1 <"a??250 ok\""@example.edu>: no such user here`,
    );
    assert.equal(await ask('韩@example.edu'), '550 5.1.1 <?@example.edu>: no such user here');
    assert.equal(await ask('韩@example.edu', { smtpUtf8: true }), '550 5.1.1 <韩@example.edu>: no such user here');
  });

  it('refuses a full mailbox, and one too full for the declared size', async () => {
    await setQuota(1, 10_000);
    assert.equal(await ask('li@example.edu', { sizeBytes: 8000 }), 'ok');
    assert.equal(await ask('li@example.edu', { sizeBytes: 9500 }), '452 4.2.2 <li@example.edu>: mailbox full');
    await setQuota(1, 500);
    assert.equal(await ask('li@example.edu'), '452 4.2.2 <li@example.edu>: mailbox full');
  });

  it('refuses a mailbox that holds as many messages as it may', async () => {
    await setQuota(1, null, 1);
    assert.equal(await ask('li@example.edu'), 'ok');
    await send({ to: ['li@example.edu'] });
    assert.equal(await ask('li@example.edu'), '452 4.2.2 <li@example.edu>: mailbox full');
  });

  it('leaves a trace of what it refuses', async () => {
    const traced: unknown[] = [];
    const trace = {
      message: (message: TracedMessage, events: readonly TraceEvent[]) =>
        void traced.push([message.recipients, events[0]?.text]),
    };
    const { receiver } = makeCampus(store.mail, campus.clock, { trace: trace as never });
    await receiver.rcpt(makeTransaction({ to: [] }), { address: 'nobody@example.edu', dsn: {} });
    assert.deepEqual(traced, [[['nobody@example.edu'], '550 <nobody@example.edu>: no such user here']]);
  });

  it('leaves an outage to the engine, which answers 451', async () => {
    await assert.rejects(ask('crash@example.edu'), /injected/);
  });
});

describe('a message', () => {
  it('lies in the inbox with its trace before it when 250 is said', async () => {
    assert.deepEqual(await send({ to: ['li@example.edu'] }), ['250 2.0.0 Ok: queued as ID']);
    const [text = ''] = await campus.inbox(1);
    const match =
      /^Return-Path: <a@example\.net>\r\nReceived: from mail\.example\.net \(\[192\.0\.2\.7\]\)\r\n\tby mx\.example\.edu with LMTP id [a-z2-7]{13}\r\n\tfor <li@example\.edu>;\r\n\tMon, 16 Sep 2019 04:00:00 \+0000\r\n/.exec(
        text,
      );
    assert.notEqual(match, null, text);
    assert.equal(text.slice(match?.[0].length), MESSAGE.toString());
  });

  it('has an empty Return-Path when nobody sent it, and tells no recipient of the others', async () => {
    await send({ from: '', to: ['li@example.edu', 'wang@example.edu'] });
    for (const id of [1, 2]) {
      const [text = ''] = await campus.inbox(id);
      assert.match(text, /^Return-Path: <>\r\n/);
      assert.doesNotMatch(text, /\tfor /);
    }
  });

  it('shows a sender beyond ASCII as it is', async () => {
    await send({ from: '李@例え.jp', to: ['li@example.edu'], smtpUtf8: true });
    assert.match((await campus.inbox(1))[0] ?? '', /^Return-Path: <李@例え\.jp>\r\n/);
  });

  it('comes once to two addresses of one account, and both are told so', async () => {
    const to = ['li@example.edu', '李雷@example.edu', 'li@example.edu'];
    assert.deepEqual(await send({ to }), Array(3).fill('250 2.0.0 Ok: queued as ID'));
    assert.equal((await campus.inbox(1)).length, 1);
  });

  it('of any content is taken', async () => {
    for (const text of ['', '\r\n', 'no header at all', '\0\xff', ': \r\n: \r\n\r\n']) {
      assert.deepEqual(await send({ to: ['li@example.edu'] }, Buffer.from(text, 'latin1')), [
        '250 2.0.0 Ok: queued as ID',
      ]);
    }
    assert.equal((await campus.inbox(1)).length, 5);
  });

  it('in a loop is refused for all', async () => {
    const octets = Buffer.concat([Buffer.from('Received: x\r\n'.repeat(101)), MESSAGE]);
    const to = ['li@example.edu', 'wang@example.edu'];
    const refusal = '554 5.4.6 Mail loop: too many Received fields (id ID)';
    assert.deepEqual(await send({ to }, octets), [refusal, refusal]);
    assert.deepEqual(await campus.inbox(1), []);
    assert.deepEqual(await send({ to: ['li@example.edu'] }, octets.subarray('Received: x\r\n'.length)), [
      '250 2.0.0 Ok: queued as ID',
    ]);
  });

  it('for an account removed since RCPT is refused, and brings no mailbox back', async () => {
    campus.table.delete('wang@example.edu');
    assert.deepEqual(await send({ to: ['wang@example.edu'] }), ['550 5.1.1 <wang@example.edu>: no such user here']);
    assert.equal(await campus.account(2).modSeq(), 0);
  });

  it('reaches nobody when the directory fails', async () => {
    await assert.rejects(send({ to: ['li@example.edu', 'crash@example.edu'] }), /injected/);
    assert.equal(await campus.account(1).modSeq(), 0);
  });

  it('to 1,000 people is prepared once and committed at once, and each has it', async () => {
    let prepared = 0;
    const groups: (readonly AccountId[])[] = [];
    const counting = makeCampus(store.mail, campus.clock, {}, (mail) => ({
      account: (id) => mail.account(id),
      prepareMessage(octets) {
        prepared++;
        return mail.prepareMessage(octets);
      },
      deliver(message, accountIds, receivedAt) {
        groups.push(accountIds);
        return mail.deliver(message, accountIds, receivedAt);
      },
    }));
    const to = Array.from({ length: 1000 }, (_, i) => `s${i + 100}@example.edu`);
    for (const [i, address] of to.entries()) counting.table.set(address, i + 100);
    const replies = await send({ to }, MESSAGE, counting.receiver);
    assert.equal(new Set(replies).size, 1);
    assert.equal(prepared, 1);
    assert.equal(groups.length, 1);
    assert.equal(groups[0]?.length, 1000);
    for (const id of [100, 555, 1099]) assert.equal((await counting.inbox(id)).length, 1);
  });
});

describe('a message that one of two recipients has no room for', () => {
  const to = ['li@example.edu', 'wang@example.edu'];
  const full = '452 4.2.2 <wang@example.edu>: mailbox full';

  beforeEach(() => setQuota(2, 100));

  it('LMTP: each has its reply', async () => {
    assert.deepEqual(await send({ to }), ['250 2.0.0 Ok: queued as ID', full]);
    assert.equal((await campus.inbox(1)).length, 1);
    assert.equal((await campus.inbox(2)).length, 0);
  });

  it('SMTP: comes again for both, and nobody gets it twice or loses it', async () => {
    assert.deepEqual(await send({ protocol: 'smtp', to }), [full, full]);
    assert.deepEqual(await send({ protocol: 'smtp', to }), [full, full]);
    assert.equal((await campus.inbox(1)).length, 1);
    await setQuota(2, null);
    assert.deepEqual(await send({ protocol: 'smtp', to }), Array(2).fill('250 2.0.0 Ok: queued as ID'));
    assert.equal((await campus.inbox(1)).length, 1);
    assert.equal((await campus.inbox(2)).length, 1);
    // The sender was told of success: the same octets again are another message, as from a script every night.
    await send({ protocol: 'smtp', to });
    assert.equal((await campus.inbox(1)).length, 2);
  });

  it('SMTP: is another message from another sender, or after the time in which anyone retries', async () => {
    await send({ protocol: 'smtp', to });
    await send({ protocol: 'smtp', from: 'b@example.net', to });
    assert.equal((await campus.inbox(1)).length, 2);
    campus.clock.advance(5 * 24 * 60 * 60_000);
    await send({ protocol: 'smtp', to });
    assert.equal((await campus.inbox(1)).length, 3);
  });

  it('SMTP: one refused for good is temporary next to one delivered; RCPT tells next time', async () => {
    const mixed = ['li@example.edu', 'nobody@example.edu'];
    const later = '451 4.3.0 Not all recipients could be served, try again later (id ID)';
    assert.deepEqual(await send({ protocol: 'smtp', to: mixed }), [later, later]);
    assert.deepEqual(await send({ protocol: 'smtp', to: ['li@example.edu'] }), ['250 2.0.0 Ok: queued as ID']);
    assert.equal((await campus.inbox(1)).length, 1);
  });

  it('SMTP: all refused keep their own replies', async () => {
    assert.deepEqual(await send({ protocol: 'smtp', to: ['nobody@example.edu', 'wang@example.edu'] }), [
      '550 5.1.1 <nobody@example.edu>: no such user here',
      full,
    ]);
  });
});

describe('a sender who asks for it', () => {
  const reports: string[] = [];
  const reporter = new Reporter({
    hostname: 'mx.example.edu',
    post: async (octets, to) => void reports.push(`${to}: ${octets.toString()}`),
    readOctets: () => Promise.reject(new Error('it is not queued')),
    addressOf: async () => undefined,
  });

  async function sendAsking(protocol: 'smtp' | 'lmtp', from = 'a@example.net'): Promise<string[]> {
    reports.length = 0;
    const { receiver } = makeCampus(store.mail, campus.clock, {
      reporter,
      directory: {
        resolveAddress: async (address) => ({
          kind: 'account',
          accountId: (address.startsWith('li') ? 1 : 2) as AccountId,
          address,
          detail: null,
        }),
        ...noGroups,
      },
    });
    const transaction = makeTransaction({ protocol, from, to: ['li@example.edu', 'wang@example.edu'] });
    const forwardPaths = transaction.forwardPaths.map((path) => ({ ...path, dsn: { notify: ['SUCCESS' as const] } }));
    await receiver.data({ ...transaction, forwardPaths }, MESSAGE);
    return reports.map(
      (report) => /^\S+|(?<=Final-Recipient: rfc822; )\S+/g[Symbol.match](report)?.join(' ') ?? report,
    );
  }

  it('hears that the message arrived', async () => {
    assert.deepEqual(await sendAsking('smtp'), ['a@example.net: li@example.edu wang@example.edu']);
    assert.deepEqual(await sendAsking('smtp', ''), []);
  });

  it('hears of those who have it and will not be asked again', async () => {
    await setQuota(2, 100);
    assert.deepEqual(await sendAsking('lmtp'), ['a@example.net: li@example.edu']);
    assert.deepEqual(await sendAsking('smtp'), []);
  });
});

describe('a store out of order', () => {
  it('for one account is temporary for that one, and logged', async () => {
    const errors: object[] = [];
    const log = { ...silentLog, error: (fields: object) => errors.push(fields), child: () => log };
    const broken = makeCampus(store.mail, campus.clock, { log }, (mail: Mail) => ({
      account: (id) => mail.account(id),
      prepareMessage: (octets) => mail.prepareMessage(octets),
      async deliver(message, accountIds, receivedAt) {
        const good = await mail.deliver(message, accountIds.slice(0, 1), receivedAt);
        return new Map([...good, [2 as AccountId, { ok: false, error: { code: 'fault', message: 'injected' } }]]);
      },
    }));
    broken.table.set('li@example.edu', 1).set('wang@example.edu', 2);
    assert.deepEqual(await send({ to: ['li@example.edu', 'wang@example.edu'] }, MESSAGE, broken.receiver), [
      '250 2.0.0 Ok: queued as ID',
      '451 4.3.0 <wang@example.edu>: local fault, try again later (id ID)',
    ]);
    assert.deepEqual(errors, [{ accountId: 2, code: 'fault', reason: 'injected' }]);
  });
});

describe('through the SMTP engine, with the real directory', () => {
  it('a letter from outside lies in the mailbox when 250 is said', { timeout: 10_000 }, async () => {
    const parts = { clock: systemClock, random: systemRandom, log: silentLog };
    const directory = new Directory({
      store: store.directory,
      settings: { argon2id: { memoryKib: 8, iterations: 1, parallelism: 1 }, scramIterations: 4096 },
      ...parts,
    });
    await directory.addDomain('example.edu');
    const id = await directory.createAccount('han@example.edu', 'Kust-1231002X-密码');
    await directory.addAlias(id, 'meimei@example.edu');
    const real = makeCampus(store.mail, campus.clock, { directory });
    const server = createSmtpServer({
      protocol: 'smtp',
      hostname: 'mx.example.edu',
      receiver: real.receiver,
      ...parts,
    });
    const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
    const client = await LineClient.open(port);
    const ask = (line: string): Promise<string> => {
      client.send(`${line}\r\n`);
      return client.readLine();
    };
    assert.match(await client.readLine(), /^220 /);
    assert.match(await ask('HELO mail.example.net'), /^250 /);
    assert.match(await ask('MAIL FROM:<>'), /^250 /);
    assert.equal(await ask('RCPT TO:<a@example.com>'), '550 5.7.1 <a@example.com>: relaying denied');
    assert.equal(await ask('RCPT TO:<nobody@example.edu>'), '550 5.1.1 <nobody@example.edu>: no such user here');
    for (const name of ['HAN', 'han+list', 'meimei', 'postmaster']) {
      assert.match(await ask(`RCPT TO:<${name}@example.edu>`), /^250 /);
    }
    assert.match(await ask('DATA'), /^354 /);
    assert.match(await ask(`${MESSAGE.toString()}.`), /^250 2\.0\.0 Ok: queued as [a-z2-7]{13}$/);
    const letters = await real.inbox(id);
    assert.equal(letters.length, 1);
    assert.ok(letters[0]?.endsWith(MESSAGE.toString()));
    client.close();
    await server.close({ drainMs: 0 });
    directory.close();
  });
});
