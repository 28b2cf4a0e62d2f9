import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { chooseClientMechanism } from './client.ts';

/** The example of RFC 7677 §3. */
const CLIENT_NONCE = 'rOprNGfwEbeRWgbNEkqO';
const random = { bytes: () => Buffer.from(CLIENT_NONCE, 'base64') };
const credential = { login: 'user', password: 'pencil' };
const SERVER_FIRST = `r=${CLIENT_NONCE}%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096`;
const SERVER_FINAL = 'v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=';

/** What the client says to each challenge; `true` or `false` when it is done. */
async function talk(...challenges: string[]): Promise<(string | boolean)[]> {
  const script = chooseClientMechanism(new Set(['SCRAM-SHA-256', 'PLAIN']))?.run(credential, random);
  const said: (string | boolean)[] = [String((await script?.next())?.value)];
  for (const challenge of challenges) {
    const value = (await script?.next(Buffer.from(challenge)))?.value;
    said.push(typeof value === 'boolean' ? value : String(value));
  }
  return said;
}

describe('SCRAM-SHA-256 as the client', () => {
  const first = `n,,n=user,r=${CLIENT_NONCE}`;

  it('says what RFC 7677 has it say', async () => {
    assert.deepEqual(await talk(SERVER_FIRST, SERVER_FINAL, ''), [
      first,
      `c=biws,r=${CLIENT_NONCE}%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=`,
      '',
      true,
    ]);
  });

  const lies: [string, string[]][] = [
    ['a signature that is wrong', [SERVER_FIRST, SERVER_FINAL.replace('6', '7')]],
    ['a nonce of its own', [SERVER_FIRST.replace('rOpr', 'xOpr')]],
    ['no nonce besides ours', [`r=${CLIENT_NONCE},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096`]],
    ['too few iterations', [SERVER_FIRST.replace('4096', '1024')]],
    ['too many iterations', [SERVER_FIRST.replace('4096', '999999999')]],
    ['no message at all', ['']],
  ];
  for (const [what, challenges] of lies) {
    it(`does not believe a server with ${what}`, async () => {
      assert.equal((await talk(...challenges)).at(-1), false);
    });
  }
});

it('the strongest mechanism is chosen, and none that is unknown', () => {
  assert.equal(chooseClientMechanism(new Set(['LOGIN', 'PLAIN', 'GSSAPI']))?.name, 'PLAIN');
  assert.equal(chooseClientMechanism(new Set(['LOGIN']))?.name, 'LOGIN');
  assert.equal(chooseClientMechanism(new Set(['XOAUTH2'])), undefined);
});
