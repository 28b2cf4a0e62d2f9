/** A SaslAuthority for the engine's tests: `bob` with the password `b` is account 7, `carl` with `c` is disabled. */
import type { AccountId } from '#base/ids.ts';
import type { AuthResult, SaslAuthority } from '#sasl/mechanism.ts';

export const fakeAuthority: SaslAuthority = {
  async verifyPassword(login, password): Promise<AuthResult> {
    if (login === 'bob' && password === 'b')
      return { ok: true, accountId: 7 as AccountId, loginAddress: 'bob@example.edu' };
    return { ok: false, reason: login === 'carl' && password === 'c' ? 'disabled' : 'invalidCredentials' };
  },
  beginScram() {
    throw new Error('no SCRAM here');
  },
};
