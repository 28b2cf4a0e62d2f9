/** A second step that its owner sets up, as the routes for that read it; in the middle of a sign-in and in the settings alike. */
import type { AccountId, FactorRow } from '#directory/types.ts';
import type { HttpAnswer, HttpRequest } from '#http/types.ts';
import { readJson, refusal } from './answers.ts';
import { SIGNIN_LIMITS } from './limits.ts';
import type { Challenge, Passkeys } from './passkeys.ts';
import type { Totp } from './totp.ts';

export type NewFactor = Pick<FactorRow, 'factorId' | 'kind' | 'name' | 'secret'>;

/** The app that was begun with, once it has shown a code; or the answer for what is none. */
export async function readNewTotp(
  request: HttpRequest,
  totp: Totp,
  accountId: AccountId,
): Promise<NewFactor | HttpAnswer> {
  const { token, code } = await readJson(request, SIGNIN_LIMITS.requestBytes);
  if (typeof token !== 'string' || typeof code !== 'string') return refusal('invalidRequest');
  const secret = await totp.confirm(accountId, token, code.replaceAll(/\s/g, ''));
  return secret === undefined ? refusal('wrongCode') : { factorId: 'totp', kind: 'totp', name: '', secret };
}

/** The passkey that was made for the challenge, if one was asked for; or the answer for what is none. */
export async function readNewPasskey(
  request: HttpRequest,
  passkeys: Passkeys,
  challenge: Challenge | undefined,
): Promise<NewFactor | HttpAnswer> {
  const { name, response } = await readJson(request, SIGNIN_LIMITS.passkeyBytes);
  const made = challenge && (await passkeys.finishMaking(request, challenge, response));
  return made === undefined || typeof name !== 'string' ? refusal('wrongCode') : { ...made, kind: 'passkey', name };
}
