/** Sign-in for the engine's tests: `anna` and `bob` with the password `geheim 密码`; other names stand for what goes wrong. */
import type { AccountId } from '#base/ids.ts';
import type { AuthRefusal, AuthResult, SaslAuthority } from '#sasl/mechanism.ts';
import { deriveScramVerifier } from '#sasl/scram-verifier.ts';

export const PASSWORD = 'geheim 密码';

const ACCOUNTS: Readonly<Record<string, AccountId>> = { anna: 1 as AccountId, bob: 2 as AccountId };
const REFUSALS: Readonly<Record<string, AuthRefusal>> = { gone: 'disabled', slow: 'limited', busy: 'unavailable' };

export class FakeAuthority implements SaslAuthority {
  /** When set, passwords are judged once it resolves. */
  gate: Promise<void> | undefined;
  /** Resolves when the next password waits to be judged. */
  readonly asked = Promise.withResolvers<void>();

  async verifyPassword(login: string, password: string, authzid: string): Promise<AuthResult> {
    this.asked.resolve();
    await this.gate;
    if (login === 'broken') throw new Error('the directory is down');
    if (Object.hasOwn(REFUSALS, login)) return { ok: false, reason: REFUSALS[login] as AuthRefusal };
    if (password === PASSWORD && authzid !== '' && authzid !== login) return { ok: false, reason: 'forbidden' };
    return this.#conclude(login, password === PASSWORD);
  }

  async beginScram(login: string) {
    const verifier = await deriveScramVerifier(PASSWORD, Buffer.from('salt'), 4096);
    return { verifiers: [verifier] as const, finish: async (fitting: number) => this.#conclude(login, fitting === 0) };
  }

  #conclude(login: string, isRight: boolean): AuthResult {
    const accountId = Object.hasOwn(ACCOUNTS, login) ? ACCOUNTS[login] : undefined;
    if (!isRight || accountId === undefined) return { ok: false, reason: 'invalidCredentials' };
    return { ok: true, accountId, loginAddress: `${login}@example.edu` };
  }
}

/** Takes tokens too: `good` is anna's. */
export class FakeTokenAuthority extends FakeAuthority {
  async bearer(token: string) {
    if (token === 'good') return this.verifyPassword('anna', PASSWORD, '');
    const discovery = { scope: 'mail', openIdConfiguration: `https://id.example.edu/${'x'.repeat(600)}` };
    return { ok: false, reason: 'invalidCredentials', discovery } as const;
  }
}
