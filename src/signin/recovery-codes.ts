/** Ten codes on paper, each good once in place of the second step; or one, that the help desk gives to whom it knows. */
import { createHmac } from 'node:crypto';
import { equalSecrets, randomId, type Random } from '#base/random.ts';
import type { AccountId, FactorRow } from '#directory/types.ts';

const CODES = 10;
/** 50 bits each: nobody comes near with ten guesses in a quarter of an hour. */
const LETTERS = 10;

/** `abcde-fgh23`, and what is kept of them: digests under a key. */
export function makeRecoveryCodes(
  key: Uint8Array,
  accountId: AccountId,
  random: Random,
  count = CODES,
): { readonly codes: readonly string[]; readonly secret: string } {
  const codes = Array.from({ length: count }, () => randomId(random, LETTERS));
  return {
    codes: codes.map((code) => `${code.slice(0, LETTERS / 2)}-${code.slice(LETTERS / 2)}`),
    secret: JSON.stringify(codes.map((code) => digest(key, accountId, code))),
  };
}

/** What the factor's secret has to become for the code to count: itself without that code. */
export function checkRecoveryCode(key: Uint8Array, { accountId, secret }: FactorRow, code: string): string | undefined {
  const wanted = Buffer.from(digest(key, accountId, code.toLowerCase().replaceAll(/[\s-]/g, '')));
  const digests = JSON.parse(secret) as readonly string[];
  const left = digests.filter((one) => !equalSecrets(Buffer.from(one), wanted));
  return left.length === digests.length ? undefined : JSON.stringify(left);
}

export function countRecoveryCodes({ secret }: FactorRow): number {
  return (JSON.parse(secret) as readonly string[]).length;
}

function digest(key: Uint8Array, accountId: AccountId, code: string): string {
  return createHmac('sha256', key).update(`recovery code\0${accountId}\0${code}`).digest('base64url');
}
