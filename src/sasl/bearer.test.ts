import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { AccountId } from '#base/ids.ts';
import { systemRandom } from '#base/random.ts';
import type { SaslExchange, SaslStep } from './exchange.ts';
import { MAX_TOKEN_OCTETS } from './limits.ts';
import type { AuthRefusal, BearerDiscovery, BearerResult, SaslAuthority } from './mechanism.ts';
import { startSasl } from './registry.ts';

const RIGHT: BearerResult = { ok: true, accountId: 7 as AccountId, loginAddress: 'zhang@kust.edu.cn' };
const MALFORMED: SaslStep = { kind: 'done', outcome: { ok: false, reason: 'malformed' } };
const TOKEN = 'vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==';

/** Takes one token, notes what it was asked. */
class TokenAuthority implements SaslAuthority {
  readonly asked: string[] = [];
  readonly #refusal: BearerResult;

  constructor(reason: AuthRefusal = 'invalidCredentials', discovery?: BearerDiscovery) {
    this.#refusal = { ok: false, reason, ...(discovery && { discovery }) };
  }

  verifyPassword(): never {
    assert.fail('a token is no password');
  }

  beginScram(): never {
    assert.fail('a token is no proof');
  }

  async bearer(token: string, authzid: string): Promise<BearerResult> {
    this.asked.push(`${authzid}|${token}`);
    return token === TOKEN ? RIGHT : this.#refusal;
  }
}

function start(name: string, authority: SaslAuthority): SaslExchange {
  const exchange = startSasl(name, { authority, allowsPlaintext: true, random: systemRandom });
  assert.ok(typeof exchange === 'object');
  return exchange;
}

function challengeOf(step: SaslStep): unknown {
  assert.equal(step.kind, 'challenge');
  return JSON.parse(step.challenge.toString());
}

test('OAUTHBEARER: the example of RFC 7628 4.1', async () => {
  const authority = new TokenAuthority();
  const line =
    'bixhPXVzZXJAZXhhbXBsZS5jb20sAWhvc3Q9c2VydmVyLmV4YW1wbGUuY29tAXBvcnQ9MTQzAWF1dGg9QmVhcmVyIHZGOWRmdDRxbVRjMk52YjNSbGNrQmhiSFJoZG1semRHRXVZMjl0Q2c9PQEB';
  assert.deepEqual(await start('OAUTHBEARER', authority).begin(line), { kind: 'done', outcome: RIGHT });
  assert.deepEqual(authority.asked, [`user@example.com|${TOKEN}`]);
});

test('OAUTHBEARER: without an initial response, and without a name', async () => {
  const authority = new TokenAuthority();
  const exchange = start('OAUTHBEARER', authority);
  assert.deepEqual(await exchange.begin(), { kind: 'challenge', challenge: Buffer.alloc(0) });
  const step = await exchange.respond(Buffer.from(`n,,\x01auth=bearer ${TOKEN}\x01\x01`));
  assert.deepEqual(step, { kind: 'done', outcome: RIGHT });
  assert.deepEqual(authority.asked, [`|${TOKEN}`]);
});

test('OAUTHBEARER: a refused token is explained, and the exchange fails whatever the client says to it', async () => {
  const discovery = { scope: 'mail', openIdConfiguration: 'https://id.example.edu/.well-known/openid-configuration' };
  for (const answer of ['AQ==', '']) {
    const exchange = start('OAUTHBEARER', new TokenAuthority('invalidCredentials', discovery));
    const step = await exchange.respond(Buffer.from('n,a=zhang,\x01auth=Bearer stale\x01\x01'));
    assert.deepEqual(challengeOf(step), {
      status: 'invalid_token',
      scope: 'mail',
      'openid-configuration': 'https://id.example.edu/.well-known/openid-configuration',
    });
    const outcome = { ok: false, reason: 'invalidCredentials' };
    assert.deepEqual(await exchange.respondLine(answer), { kind: 'done', outcome });
  }
});

test('OAUTHBEARER: a token that is good for something else is told apart', async () => {
  const discovery = { scope: 'imap', status: 'insufficient_scope' } as const;
  const exchange = start('OAUTHBEARER', new TokenAuthority('invalidCredentials', discovery));
  const step = await exchange.respond(Buffer.from('n,,\x01auth=Bearer narrow\x01\x01'));
  assert.deepEqual(challengeOf(step), { status: 'insufficient_scope', scope: 'imap' });
});

test('what another token would not mend ends the exchange at once', async () => {
  for (const reason of ['disabled', 'forbidden', 'limited', 'unavailable'] as const) {
    const exchange = start('OAUTHBEARER', new TokenAuthority(reason));
    const step = await exchange.respond(Buffer.from('n,,\x01auth=Bearer stale\x01\x01'));
    assert.deepEqual(step, { kind: 'done', outcome: { ok: false, reason } });
  }
});

test("XOAUTH2: Google's example, and a refusal", async () => {
  const authority = new TokenAuthority();
  const right = `user=someuser@example.com\x01auth=Bearer ${TOKEN}\x01\x01`;
  assert.deepEqual(await start('XOAUTH2', authority).respond(Buffer.from(right)), { kind: 'done', outcome: RIGHT });
  assert.deepEqual(authority.asked, [`someuser@example.com|${TOKEN}`]);

  const exchange = start('XOAUTH2', new TokenAuthority());
  const step = await exchange.respond(Buffer.from('user=someuser@example.com\x01auth=Bearer stale\x01\x01'));
  assert.deepEqual(challengeOf(step), { status: '401', schemes: 'bearer' });
  const outcome = { ok: false, reason: 'invalidCredentials' };
  assert.deepEqual(await exchange.respondLine(''), { kind: 'done', outcome });
});

const good = {
  OAUTHBEARER: `n,a=zh=2Cang,\x01host=mail\x01auth=Bearer ${TOKEN}\x01\x01`,
  XOAUTH2: `user=zh,ang\x01auth=Bearer ${TOKEN}\x01\x01`,
};

const bad = {
  OAUTHBEARER: [
    '',
    '\x01',
    'n,,',
    'n,,\x01\x01',
    `n,,auth=Bearer ${TOKEN}\x01\x01`,
    `n,,\x01auth=Bearer ${TOKEN}\x01`,
    `n,,\x01auth=Bearer ${TOKEN}`,
    `p=tls-exporter,,\x01auth=Bearer ${TOKEN}\x01\x01`,
    `n,b=c,\x01auth=Bearer ${TOKEN}\x01\x01`,
    `n,,\x01auth=Basic ${TOKEN}\x01\x01`,
    'n,,\x01auth=Bearer \x01\x01',
    'n,,\x01auth=Bearer a b\x01\x01',
    'n,,\x01auth=Bearer 令牌\x01\x01',
    `n,,\x01auth=Bearer a\x01auth=Bearer ${TOKEN}\x01\x01`,
    `n,,\x01=x\x01auth=Bearer ${TOKEN}\x01\x01`,
    `n,,\x01auth=Bearer ${'a'.repeat(MAX_TOKEN_OCTETS + 1)}\x01\x01`,
    `n,,\0\x01auth=Bearer ${TOKEN}\x01\x01`,
  ],
  XOAUTH2: [
    '',
    `auth=Bearer ${TOKEN}\x01\x01`,
    `user=\x01auth=Bearer ${TOKEN}\x01\x01`,
    `user=${'a'.repeat(1025)}\x01auth=Bearer ${TOKEN}\x01\x01`,
    `\x01user=zhang\x01auth=Bearer ${TOKEN}\x01\x01`,
    'user=zhang\x01\x01',
  ],
};

for (const name of ['OAUTHBEARER', 'XOAUTH2'] as const) {
  test(`${name}: malformed messages ask nobody`, async () => {
    for (const text of bad[name]) {
      const authority = new TokenAuthority();
      assert.deepEqual(await start(name, authority).respond(Buffer.from(text)), MALFORMED, JSON.stringify(text));
      assert.deepEqual(authority.asked, []);
    }
  });

  test(`${name}: cut short or changed anywhere, it never signs in by another name or token`, async () => {
    const whole = Buffer.from(good[name]);
    const run = async (message: Buffer) => {
      const authority = new TokenAuthority();
      const step = await start(name, authority).respond(message);
      return { authority, isIn: step.kind === 'done' && step.outcome.ok };
    };
    assert.deepEqual((await run(whole)).authority.asked, [`zh,ang|${TOKEN}`]);
    for (let length = 0; length < whole.length; length++) {
      assert.equal((await run(whole.subarray(0, length))).isIn, false, `${length} octets`);
    }
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({ min: 0, max: 255 }), async (at, octet) => {
        const changed = Buffer.from(whole);
        changed[at] = octet;
        const { authority, isIn } = await run(changed);
        if (isIn) assert.ok(authority.asked[0]?.endsWith(`|${TOKEN}`));
      }),
      { numRuns: 300 },
    );
  });
}
