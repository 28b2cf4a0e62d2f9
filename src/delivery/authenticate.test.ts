/** What a recipient gets, and a sender is told, by who the message says it is from. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { FakeClock } from '#base/clock.ts';
import type { EmailId } from '#base/ids.ts';
import { openMemoryStore } from '#store/open-memory.ts';
import type { DmarcObservation } from '#trust/dmarc-report.ts';
import type { DmarcSettings } from '#trust/dmarc-policy.ts';
import { FakeDns, type FakeRecords } from '#trust/testing/fake-dns.ts';
import type { TraceEvent } from '#trace/types.ts';
import { makeCampus, makeTransaction, showReply } from './testing/campus.ts';
import type { Campus } from './testing/campus.ts';

type Store = Awaited<ReturnType<typeof openMemoryStore>>;

/** example.net stands by what 192.0.2.7 (the peer of these tests) sends; strict.example by nothing from there. */
const ZONE: Readonly<Record<string, FakeRecords>> = {
  'example.net': { txt: ['v=spf1 ip4:192.0.2.7 -all'] },
  '_dmarc.example.net': { txt: ['v=DMARC1; p=reject; rua=mailto:r@example.net'] },
  'strict.example': { txt: ['v=spf1 -all'] },
  '_dmarc.strict.example': { txt: ['v=DMARC1; p=reject'] },
  'careful.example': { txt: ['v=spf1 -all'] },
  '_dmarc.careful.example': { txt: ['v=DMARC1; p=quarantine'] },
};

let store: Store;
let campus: Campus;
let observations: DmarcObservation[];
let traced: TraceEvent[];
/** Whom reports went to. */
let told: string[];

beforeEach(async () => {
  store = await openMemoryStore({ clock: new FakeClock() });
  campusWith({});
});

afterEach(async () => {
  await store.mail.checkInvariants();
  await store.close();
});

function campusWith(dmarc: Partial<DmarcSettings>, exempt = '', dns = new FakeDns(ZONE)): void {
  observations = [];
  traced = [];
  told = [];
  campus = makeCampus(store.mail, new FakeClock(), {
    authentication: {
      resolver: dns,
      dmarc: { atMost: 'reject', tempfailsOnTemperror: false, trustedSealers: [], ...dmarc },
      isExempt: (address) => address === exempt,
      observer: { dmarc: (_policy, observation) => void observations.push(observation) },
    },
    reporter: { report: async ({ message }) => told.push(message.reversePath) > 0 },
    trace: { message: (_message: unknown, events: readonly TraceEvent[]) => void traced.push(...events) } as never,
  });
  campus.table.set('li@example.edu', 1);
}

async function send(author: string, header = '', from = author): Promise<string> {
  const octets = Buffer.from(`${header}From: <${author}>\r\nSubject: s\r\n\r\ntext\r\n`);
  const [reply] = await campus.receiver.data(
    makeTransaction({ protocol: 'smtp', from, to: ['li@example.edu'] }),
    octets,
  );
  return showReply(reply);
}

const results = (message: string | undefined): string[] =>
  message?.match(/^Authentication-Results:.*(?:\r\n[ \t].*)*/gm) ?? [];

describe('who sent a message', () => {
  it('is written down once, above what came', async () => {
    assert.equal(await send('a@example.net'), '250 2.0.0 Ok: queued as ID');
    const [message] = await campus.inbox(1);
    assert.equal(results(message).length, 1);
    assert.match(message ?? '', /^Return-Path: <a@example\.net>\r\nAuthentication-Results: mx\.example\.edu;/);
    assert.match(results(message)[0] ?? '', /spf=pass[^]*dkim=none[^]*dmarc=pass/);
    assert.equal(traced[0]?.kind, 'judged');
    assert.match(traced[0]?.text ?? '', /^accept: .*spf=pass.*dmarc=pass/);
    assert.deepEqual(
      observations.map(({ headerFrom, spf, disposition }) => [headerFrom, spf, disposition]),
      [['example.net', 'pass', 'none']],
    );
  });

  it('is said by nobody but us', async () => {
    const forged =
      'Authentication-Results: MX.example.EDU; dmarc=pass\r\n header.from=example.net\r\n' +
      'Authentication-Results: other.example; spf=pass\r\n';
    await send('a@example.net', forged);
    const [message] = await campus.inbox(1);
    assert.equal(results(message).length, 2);
    assert.match(results(message)[1] ?? '', /other\.example/);
    assert.doesNotMatch(message ?? '', /MX\.example\.EDU/);
  });

  it('is not asked of our own machines, whose forgeries do not stay either', async () => {
    campusWith({}, '192.0.2.7');
    await send('a@strict.example', 'Authentication-Results: mx.example.edu; dmarc=pass\r\n');
    const [message] = await campus.inbox(1);
    assert.deepEqual(results(message), []);
    assert.deepEqual(observations, []);
  });
});

describe("a domain's policy", () => {
  it('rejects', async () => {
    assert.match(
      await send('boss@strict.example', '', 'a@example.net'),
      /^550 5\.7\.26 Refused by DMARC: strict\.example/,
    );
    assert.deepEqual(await campus.inbox(1), []);
    assert.equal(observations[0]?.disposition, 'reject');
    assert.deepEqual(
      traced.map(({ kind }) => kind),
      ['judged', 'failed'],
    );
  });

  it('puts aside, into the mailbox for junk, and into the inbox of an account that has none', async () => {
    assert.match(await send('boss@careful.example'), /^250/);
    assert.deepEqual(await campus.inbox(1), []);
    const account = campus.account(1);
    const junk = await account.findMailbox('Junk');
    assert.equal(junk?.totalEmails, 1);
    const [email] = await account.emails([1 as EmailId]);
    assert.equal((email?.flags ?? 0) & 32, 32, '$junk');
    await account.expunge({ mailboxId: junk.mailboxId, uids: [1], onlyDeleted: false });
    await account.deleteMailbox({ mailboxId: junk.mailboxId, removeEmails: false });
    assert.match(await send('boss@careful.example'), /^250/);
    assert.equal((await campus.inbox(1)).length, 1);
  });

  it('goes as far as the settings let it', async () => {
    campusWith({ atMost: 'quarantine' });
    assert.match(await send('boss@strict.example'), /^250/);
    assert.equal((await campus.account(1).findMailbox('Junk'))?.totalEmails, 1);
    assert.equal(observations[0]?.override, 'local_policy');
    campusWith({ atMost: 'mark' });
    assert.match(await send('boss@strict.example'), /^250/);
    assert.match(results((await campus.inbox(1))[0])[0] ?? '', /dmarc=fail/);
  });

  it('that cannot be looked up never refuses for good', async () => {
    const dns = new FakeDns({ ...ZONE, '_dmarc.strict.example': { isBroken: true } });
    campusWith({ tempfailsOnTemperror: true }, '', dns);
    assert.match(await send('boss@strict.example'), /^451 4\.7\.0 Try again later/);
    campusWith({}, '', dns);
    assert.match(await send('boss@strict.example'), /^250/);
  });
});

describe('a sender who asks to hear of success', () => {
  async function ask(from: string): Promise<readonly string[]> {
    const transaction = makeTransaction({ protocol: 'smtp', from, to: ['li@example.edu'] });
    const forwardPaths = transaction.forwardPaths.map((path) => ({ ...path, dsn: { notify: ['SUCCESS' as const] } }));
    const octets = Buffer.from('From: <a@example.net>\r\n\r\ntext\r\n');
    const [reply] = await campus.receiver.data({ ...transaction, forwardPaths }, octets);
    assert.equal(reply?.code, 250);
    return told.splice(0);
  }

  it('is told where the reverse path is shown to be its own', async () => {
    assert.deepEqual(await ask('a@example.net'), ['a@example.net']);
  });

  it('is not told where it may be forged', async () => {
    campusWith({ atMost: 'mark' });
    for (const forged of ['a@nowhere.example', 'a@strict.example']) assert.deepEqual(await ask(forged), []);
  });

  it('is told by our own machines, which are not judged', async () => {
    campusWith({}, '192.0.2.7');
    assert.deepEqual(await ask('a@nowhere.example'), ['a@nowhere.example']);
  });
});
