/** A key's life, from its making to its end, and what is signed meanwhile. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { DAY_MS, FakeClock } from '#base/clock.ts';
import { silentLog } from '#base/log.ts';
import { openMemoryStore } from '#store/open-memory.ts';
import { authenticateMessage } from './authenticate.ts';
import { DkimKeeper } from './dkim-keeper.ts';
import { type DkimKey, formatKeyRecord, keyRecordName } from './dkim-keys.ts';
import { DkimSigners } from './dkim-signers.ts';
import { FakeDns } from './testing/fake-dns.ts';

const MESSAGE = Buffer.from('From: 李 <li@EXAMPLE.edu>\r\nSubject: s\r\n\r\ntext\r\n');

let clock: FakeClock;
let store: Awaited<ReturnType<typeof openMemoryStore>>;
let dns: FakeDns;
let keeper: DkimKeeper;
let signers: DkimSigners;

beforeEach(async () => {
  clock = new FakeClock();
  store = await openMemoryStore({ clock });
  dns = new FakeDns();
  const parts = { store: store.trust, clock, log: silentLog };
  keeper = new DkimKeeper({
    ...parts,
    resolver: dns,
    algorithms: ['rsa-sha256', 'ed25519-sha256'],
    rotateAfterMs: 180 * DAY_MS,
  });
  signers = new DkimSigners(parts);
});

afterEach(async () => {
  signers.close();
  await store.close();
});

const keys = (): Promise<readonly DkimKey[]> => store.trust.reader.dkimKeys('example.edu');
const states = async (): Promise<string[]> => (await keys()).map(({ selector, state }) => `${selector} ${state}`);

function publish(...published: readonly DkimKey[]): void {
  for (const key of published) dns.set(keyRecordName(key), { txt: [formatKeyRecord(key)] });
}

test('a key signs from when the DNS shows it, and what it signs is verified', async () => {
  await keeper.lookAfter('example.edu');
  assert.deepEqual(
    await states(),
    ['c1970a new', 'c1970b new'].map((text) => text.replace('1970', yearNow())),
  );
  assert.equal(await keeper.lookAfter('example.edu'), 2);
  assert.equal((await keys()).length, 2, 'none is made while one waits');
  assert.equal(await signers.sign(MESSAGE), undefined);

  publish(...(await keys()));
  assert.equal(await keeper.lookAfter('example.edu'), 0);
  assert.deepEqual(
    (await keys()).map(({ state }) => state),
    ['active', 'active'],
  );
  const fields = await signers.sign(MESSAGE);
  assert.ok(fields);
  const { dkim } = await authenticateMessage(
    {
      octets: Buffer.concat([fields, MESSAGE]),
      remoteAddress: '192.0.2.1',
      helo: 'h.example',
      reversePath: '',
      hostname: 'mx.example.edu',
    },
    { resolver: dns, clock },
  );
  assert.deepEqual(
    dkim.map(({ result, domain, algorithm }) => [result, domain, algorithm]),
    [
      ['pass', 'example.edu', 'rsa-sha256'],
      ['pass', 'example.edu', 'ed25519-sha256'],
    ],
  );
});

test('only its own domain signs for an author', async () => {
  await keeper.lookAfter('example.edu');
  publish(...(await keys()));
  await keeper.lookAfter('example.edu');
  for (const from of ['a@stu.example.edu', 'a@example.edu, b@other.example', 'nobody', '']) {
    assert.equal(await signers.sign(Buffer.from(`From: ${from}\r\n\r\n`)), undefined, from);
  }
});

test('a key is followed by the next, and forgotten when nobody checks its signatures any more', async () => {
  await keeper.lookAfter('example.edu');
  publish(...(await keys()));
  await keeper.lookAfter('example.edu');
  clock.advance(181 * DAY_MS);
  await keeper.lookAfter('example.edu');
  assert.equal((await keys()).filter(({ state }) => state === 'new').length, 2);
  assert.equal((await signers.signersOf('example.edu')).length, 2, 'the old ones still sign');

  publish(...(await keys()));
  await keeper.lookAfter('example.edu');
  const after = await keys();
  assert.deepEqual(after.map(({ state }) => state).toSorted(), ['active', 'active', 'retired', 'retired']);
  const active = after.filter(({ state }) => state === 'active').map(({ selector }) => selector);
  assert.deepEqual(
    (await signers.signersOf('example.edu')).map(({ selector }) => selector).toSorted(),
    active.toSorted(),
  );
  clock.advance(15 * DAY_MS);
  await keeper.lookAfter('example.edu');
  assert.deepEqual((await keys()).map(({ selector }) => selector).toSorted(), active.toSorted());
});

test('another record under its name, or a DNS that does not answer, activates nothing', async () => {
  await keeper.lookAfter('example.edu');
  const [first, second] = await keys();
  assert.ok(first && second);
  dns.set(keyRecordName(first), { txt: [formatKeyRecord({ ...first, publicKey: 'AAAA' })] });
  dns.set(keyRecordName(second), { isBroken: true });
  await keeper.lookAfter('example.edu');
  assert.deepEqual(
    (await keys()).map(({ state }) => state),
    ['new', 'new'],
  );
});

function yearNow(): string {
  return String(new Date(clock.now()).getUTCFullYear());
}
