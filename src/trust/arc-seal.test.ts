import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { authenticate as authenticateElsewhere, sealMessage as sealElsewhere } from 'mailauth';
import { FakeClock } from '#base/clock.ts';
import { sealMessage } from './arc-seal.ts';
import { authenticateMessage } from './authenticate.ts';
import { formatKeyRecord, keyRecordName, makeDkimKey, openSigner } from './dkim-keys.ts';
import { signMessage } from './dkim-sign.ts';
import { FakeDns } from './testing/fake-dns.ts';
import type { MessageAuthentication } from './types.ts';

const clock = new FakeClock();
const keys = await Promise.all(
  (['sender.example', 'one.example', 'two.example'] as const).map((domain) =>
    makeDkimKey(domain, 's', 'rsa-sha256', clock.now()),
  ),
);
const [sender, one, two] = keys.map(openSigner);
assert.ok(sender && one && two);

const dns = (): FakeDns => {
  const zone = new FakeDns({ '_dmarc.sender.example': { txt: ['v=DMARC1; p=reject'] } });
  for (const key of keys) zone.set(keyRecordName(key), { txt: [formatKeyRecord(key)] });
  return zone;
};

const judge = (octets: string, zone = dns()): Promise<MessageAuthentication> =>
  authenticateMessage(
    {
      octets: Buffer.from(octets, 'latin1'),
      remoteAddress: '2001:db8::1',
      helo: 'h.example',
      reversePath: 'list-bounces@one.example',
      hostname: 'mx.example.edu',
    },
    { resolver: zone, clock },
  );

const BODY = 'From: joe@sender.example\r\nSubject: hello\r\nDate: Mon, 16 Sep 2019 04:00:00 +0000\r\n\r\nHello.\r\n';
const signed = (await signMessage(Buffer.from(BODY), [sender], clock.now())) + BODY;

async function pass(octets: string, signer = one!, change: (text: string) => string = (text) => text): Promise<string> {
  const authentication = await judge(octets);
  const changed = change(`Received: from a by b; Mon, 16 Sep 2019 04:00:00 +0000\r\n${octets}`);
  const seal = await sealMessage({
    octets: Buffer.from(changed, 'latin1'),
    authentication,
    hostname: 'lists.example',
    signer,
    nowMs: clock.now(),
  });
  assert.ok(seal !== undefined);
  return seal + changed;
}

const listed = (text: string): string => text.replace('Subject: hello', 'Subject: [list] hello');

describe('a sealed message', () => {
  test('tells who sealed it and what was found there', async () => {
    const { arc, dkim, dmarc } = await judge(await pass(signed, one, listed));
    assert.equal(dkim[0]?.result, 'fail');
    assert.equal(dmarc.result, 'fail');
    assert.deepEqual(arc, {
      result: 'pass',
      sets: [
        { instance: 1, sealer: 'one.example', selector: 's', reported: { spf: 'none', dkim: 'pass', dmarc: 'pass' } },
      ],
      comment: '',
    });
  });

  test('may be sealed again', async () => {
    const { arc } = await judge(await pass(await pass(signed, one, listed), two));
    assert.equal(arc.result, 'pass');
    assert.deepEqual(
      arc.sets.map(({ instance, sealer, reported }) => [instance, sealer, reported.dmarc]),
      [
        [1, 'one.example', 'pass'],
        [2, 'two.example', 'fail'],
      ],
    );
  });

  test('is believed elsewhere', async () => {
    const zone = dns();
    const sealed = await pass(await pass(signed, one, listed), two);
    const found = await authenticateElsewhere(Buffer.from(sealed, 'latin1'), {
      ip: '192.0.2.1',
      helo: 'h.example',
      sender: 'a@one.example',
      mta: 'mx.example',
      strict: true,
      disableBimi: true,
      resolver: async (name, type) => {
        const answer = type === 'TXT' ? await zone.txt(name) : ({ kind: 'absent' } as const);
        if (answer.kind === 'found') return answer.records.map((record) => [record]);
        throw Object.assign(new Error(name), { code: 'ENOTFOUND' });
      },
    });
    assert.ok(found.arc !== false);
    assert.deepEqual([found.arc.status.result, found.arc.i], ['pass', 2]);
  });

  test('sealed elsewhere is believed here', async () => {
    const seal = await sealElsewhere(Buffer.from(signed, 'latin1'), {
      signingDomain: 'one.example',
      selector: 's',
      privateKey: keys[1]!.privateKey,
      authResults: 'one.example; dmarc=pass header.from=sender.example',
      signTime: new Date(clock.now()),
      cv: 'none',
    });
    const sealed = seal.toString('latin1') + signed;
    const { arc } = await judge(sealed);
    assert.deepEqual([arc.result, arc.sets[0]?.reported.dmarc], ['pass', 'pass']);
    assert.equal((await judge(await pass(sealed, two))).arc.result, 'pass');
  });
});

describe('a chain is broken by', () => {
  const changes: readonly (readonly [string, (text: string) => string])[] = [
    ['another body', (text) => text.replace('Hello.', 'Goodbye.')],
    ['another signed field', (text) => text.replace('Subject: hello', 'Subject: bye')],
    ['another result', (text) => text.replace('dmarc=pass', 'dmarc=fail')],
    ['a set that is missing', (text) => text.replace(/ARC-Seal:(?:.*\r\n(?=[ \t]))*.*\r\n/, '')],
    ['a seal twice', (text) => text.replace(/ARC-Seal:(?:.*\r\n(?=[ \t]))*.*\r\n/, '$&$&')],
    ['an instance of words', (text) => text.replace('ARC-Seal: i=1', 'ARC-Seal: i=one')],
    ['another chain status', (text) => text.replace('cv=none', 'cv=pass')],
    ['a hundred sets', (text) => 'ARC-Seal: i=1; cv=none\r\n'.repeat(100) + text],
    ['a field of 20 kB', (text) => text.replace('ARC-Seal: i=1', `ARC-Seal: x=${'y'.repeat(20_000)}; i=1`)],
  ];
  for (const [name, change] of changes) {
    test(name, async () => {
      const sealed = await pass(signed);
      const changed = change(sealed);
      assert.notEqual(changed, sealed);
      const found = await judge(changed);
      assert.equal(found.arc.result, 'fail', found.arc.comment);
      assert.deepEqual(found.faults, []);
    });
  }

  test('and is sealed as broken once, then no more', async () => {
    const broken = (await pass(signed)).replace('Hello.', 'Goodbye.');
    const sealed = await pass(broken, two);
    assert.match(sealed, /^ARC-Seal: i=2;[^:]*cv=fail;/);
    const again = await sealMessage({
      octets: Buffer.from(sealed, 'latin1'),
      authentication: await judge(sealed),
      hostname: 'lists.example',
      signer: one,
      nowMs: clock.now(),
    });
    assert.equal(again, undefined);
  });
});

test('a key that nobody could look up leaves the chain open, and unsealed', async () => {
  const sealed = await pass(await pass(signed), two);
  for (const domain of ['one.example', 'two.example']) {
    const zone = dns();
    zone.set(`s._domainkey.${domain}`, { isBroken: true });
    const authentication = await judge(sealed, zone);
    assert.equal(authentication.arc.result, 'temperror');
    const octets = Buffer.from(sealed, 'latin1');
    const request: Parameters<typeof sealMessage>[0] = {
      octets,
      authentication,
      hostname: 'lists.example',
      signer: one,
      nowMs: clock.now(),
    };
    assert.equal(await sealMessage(request), undefined);
  }
});
