import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AccountId } from '#base/ids.ts';
import { systemRandom } from '#base/random.ts';
import { ScramClient } from '#test/harness/scram-client.ts';
import type { SaslStep } from './exchange.ts';
import type { AuthResult, SaslAuthority, SaslConnection } from './mechanism.ts';
import { startSasl } from './registry.ts';
import { deriveScramVerifier, type ScramVerifier } from './scram-verifier.ts';

const RIGHT: AuthResult = { ok: true, accountId: 7 as AccountId, loginAddress: 'zhang@kust.edu.cn' };
const MALFORMED: SaslStep = { kind: 'done', outcome: { ok: false, reason: 'malformed' } };
const OURS = Buffer.from('what only both ends of this TLS connection know');
const verifier = await deriveScramVerifier('pencil', Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64'), 4096);

/** Notes whether a proof was judged. */
class Authority implements SaslAuthority {
  proofs: boolean[] = [];
  readonly verifiers: readonly [ScramVerifier, ...ScramVerifier[]];

  constructor(verifiers: readonly [ScramVerifier, ...ScramVerifier[]]) {
    this.verifiers = verifiers;
  }

  verifyPassword(): never {
    assert.fail('no password crosses the wire');
  }

  async beginScram() {
    return {
      verifiers: this.verifiers,
      finish: async (fitting: number): Promise<AuthResult> => {
        this.proofs.push(fitting !== -1);
        return fitting === this.verifiers.indexOf(verifier) ? RIGHT : { ok: false, reason: 'invalidCredentials' };
      },
    };
  }
}

interface Attempt {
  readonly mechanism?: string;
  readonly gs2Header: string;
  readonly binding?: Buffer;
  readonly isOverTls?: boolean;
  /** Further passwords' of the account, before it. */
  readonly others?: readonly ScramVerifier[];
}

/** Runs a client that knows the password; the last step, and the authority. */
async function attempt({
  mechanism = 'SCRAM-SHA-256-PLUS',
  gs2Header,
  binding,
  isOverTls = true,
  others = [],
}: Attempt) {
  const [first, ...rest] = [...others, verifier];
  const authority = new Authority([first, ...rest]);
  const connection: SaslConnection = {
    authority,
    allowsPlaintext: true,
    random: systemRandom,
    ...(isOverTls ? { bindChannel: (name: string) => (name === 'tls-exporter' ? OURS : undefined) } : {}),
  };
  const exchange = startSasl(mechanism, connection);
  assert.ok(typeof exchange === 'object');
  const client = new ScramClient({ login: 'user', password: 'pencil', gs2Header, ...(binding && { binding }) });
  const asked = await exchange.respond(Buffer.from(client.first));
  if (asked.kind === 'done') return { step: asked, authority };
  const { message, serverFinal } = client.answer(asked.challenge.toString());
  const last = await exchange.respond(Buffer.from(message));
  if (last.kind === 'done') return { step: last, authority };
  assert.equal(last.challenge.toString(), serverFinal);
  return { step: await exchange.respondLine(''), authority };
}

test('a client bound to the same connection signs in', async () => {
  const { step, authority } = await attempt({ gs2Header: 'p=tls-exporter,,', binding: OURS });
  assert.deepEqual(step, { kind: 'done', outcome: RIGHT });
  assert.deepEqual(authority.proofs, [true]);
});

test('of several passwords the one that fits opens, and the server proves that it knows that one', async () => {
  const { salt, iterations } = verifier;
  const others = await Promise.all(['pen', 'ink'].map((password) => deriveScramVerifier(password, salt, iterations)));
  const { step, authority } = await attempt({ gs2Header: 'p=tls-exporter,,', binding: OURS, others });
  assert.deepEqual(step, { kind: 'done', outcome: RIGHT });
  assert.deepEqual(authority.proofs, [true]);
});

test('a client bound to another connection is refused before its proof is looked at', async () => {
  for (const binding of [Buffer.alloc(0), Buffer.from('somebody in between'), OURS.subarray(1)]) {
    const { step, authority } = await attempt({ gs2Header: 'p=tls-exporter,,', binding });
    assert.deepEqual(step, MALFORMED, binding.toString());
    assert.deepEqual(authority.proofs, []);
  }
});

test('the bound mechanism needs a binding, and one that we have', async () => {
  for (const gs2Header of ['n,,', 'y,,', 'p=tls-unique,,', 'p=constructor,,', 'p=,,', 'p=tls exporter,,']) {
    assert.deepEqual((await attempt({ gs2Header, binding: OURS })).step, MALFORMED, gs2Header);
  }
});

test('a client that could be bound and was not offered it over TLS was lied to', async () => {
  const mechanism = 'SCRAM-SHA-256';
  assert.deepEqual((await attempt({ mechanism, gs2Header: 'y,,' })).step, MALFORMED);
  assert.deepEqual((await attempt({ mechanism, gs2Header: 'y,,', isOverTls: false })).step, {
    kind: 'done',
    outcome: RIGHT,
  });
  assert.deepEqual((await attempt({ mechanism, gs2Header: 'n,,' })).step, { kind: 'done', outcome: RIGHT });
  assert.deepEqual((await attempt({ mechanism, gs2Header: 'p=tls-exporter,,', binding: OURS })).step, MALFORMED);
});
