/**
 * Passkeys (WebAuthn Level 3): made and shown at one host of ours. What browser and key say is judged by the library; a challenge is
 * good for one browser, some minutes, and once.
 */
import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
} from '@simplewebauthn/server';
import type { Clock } from '#base/clock.ts';
import type { Random } from '#base/random.ts';
import type { AccountId, FactorRow } from '#directory/types.ts';

const CHALLENGE_OCTETS = 32;

/** Where a browser is, as it and we see it. */
export interface PasskeyHost {
  readonly host: string;
  readonly origin: string;
}

/** What a browser has to answer, and since when. */
export interface Challenge {
  readonly challenge: string;
  readonly issuedAt: number;
}

/** `FactorRow.secret` of a passkey. */
interface PasskeySecret {
  readonly publicKey: string;
  readonly counter: number;
  readonly transports: readonly string[];
  /** When the challenge was issued that it last answered: none from before counts, so none counts twice. */
  readonly answeredAt: number;
}

export class Passkeys {
  readonly #clock: Clock;
  readonly #random: Random;

  constructor({ clock, random }: { readonly clock: Clock; readonly random: Random }) {
    this.#clock = clock;
    this.#random = random;
  }

  /** For making one. `others`: those that the account has, which are not made again. */
  async beginMaking(
    { host }: PasskeyHost,
    account: { readonly accountId: AccountId; readonly login: string; readonly name: string },
    siteName: string,
    others: readonly FactorRow[],
  ): Promise<{ readonly options: PublicKeyCredentialCreationOptionsJSON; readonly challenge: Challenge }> {
    const { generateRegistrationOptions } = await import('@simplewebauthn/server');
    const octets = Uint8Array.from(this.#random.bytes(CHALLENGE_OCTETS));
    const options = await generateRegistrationOptions({
      rpName: siteName,
      rpID: host,
      userName: account.login,
      userDisplayName: account.name || account.login,
      userID: userHandle(account.accountId),
      challenge: octets,
      attestationType: 'none',
      excludeCredentials: others.map(({ factorId }) => ({ id: factorId })),
      authenticatorSelection: { residentKey: 'preferred', userVerification: 'preferred' },
    });
    return { options, challenge: { challenge: options.challenge, issuedAt: this.#clock.now() } };
  }

  /** The id and the secret to keep; undefined: not what was asked for. */
  async finishMaking(
    { host, origin }: PasskeyHost,
    { challenge, issuedAt }: Challenge,
    response: unknown,
  ): Promise<{ readonly factorId: string; readonly secret: string } | undefined> {
    const { verifyRegistrationResponse } = await import('@simplewebauthn/server');
    try {
      const { verified, registrationInfo } = await verifyRegistrationResponse({
        response: response as RegistrationResponseJSON,
        expectedChallenge: challenge,
        expectedOrigin: origin,
        expectedRPID: host,
        requireUserVerification: false,
      });
      if (!verified) return undefined;
      const { id, publicKey, counter, transports = [] } = registrationInfo.credential;
      const secret: PasskeySecret = {
        publicKey: Buffer.from(publicKey).toString('base64url'),
        counter,
        transports,
        answeredAt: issuedAt,
      };
      return { factorId: id, secret: JSON.stringify(secret) };
    } catch {
      // The library throws for whatever is not as it must be, a stranger's doing.
      return undefined;
    }
  }

  /** For showing one: of the account's, or (none given) whichever the browser has for this host. */
  async beginShowing(
    { host }: PasskeyHost,
    passkeys: readonly FactorRow[],
  ): Promise<{ readonly options: PublicKeyCredentialRequestOptionsJSON; readonly challenge: Challenge }> {
    const { generateAuthenticationOptions } = await import('@simplewebauthn/server');
    const options = await generateAuthenticationOptions({
      rpID: host,
      challenge: Uint8Array.from(this.#random.bytes(CHALLENGE_OCTETS)),
      allowCredentials: passkeys.map(({ factorId }) => ({ id: factorId })),
      // Without a password the key has to know its owner itself.
      userVerification: passkeys.length === 0 ? 'required' : 'preferred',
    });
    return { options, challenge: { challenge: options.challenge, issuedAt: this.#clock.now() } };
  }

  /** Which of the passkeys it is, and what its secret has to become for that to count; undefined: none, or not rightly. */
  async check(
    { host, origin }: PasskeyHost,
    { challenge, issuedAt }: Challenge,
    response: unknown,
    passkeys: readonly FactorRow[],
    options: { readonly isAlone: boolean },
  ): Promise<{ readonly factor: FactorRow; readonly secret: string } | undefined> {
    const factor = passkeys.find(({ factorId }) => factorId === idOf(response));
    if (factor === undefined) return undefined;
    const kept = JSON.parse(factor.secret) as PasskeySecret;
    if (issuedAt <= kept.answeredAt) return undefined;
    const { verifyAuthenticationResponse } = await import('@simplewebauthn/server');
    try {
      const { verified, authenticationInfo } = await verifyAuthenticationResponse({
        response: response as AuthenticationResponseJSON,
        expectedChallenge: challenge,
        expectedOrigin: origin,
        expectedRPID: host,
        requireUserVerification: options.isAlone,
        credential: {
          id: factor.factorId,
          publicKey: Uint8Array.from(Buffer.from(kept.publicKey, 'base64url')),
          counter: kept.counter,
        },
      });
      if (!verified) return undefined;
      const secret: PasskeySecret = { ...kept, counter: authenticationInfo.newCounter, answeredAt: issuedAt };
      return { factor, secret: JSON.stringify(secret) };
    } catch {
      return undefined;
    }
  }
}

/** Whose it says that it is, of one that is shown without a name; undefined: it does not. */
export function accountOf(response: unknown): AccountId | undefined {
  const handle = (response as { readonly response?: { readonly userHandle?: unknown } } | null)?.response?.userHandle;
  if (typeof handle !== 'string') return undefined;
  const match = /^campusmail ([1-9]\d{0,14})$/.exec(Buffer.from(handle, 'base64url').toString());
  return match === null ? undefined : (Number(match[1]) as AccountId);
}

function userHandle(accountId: AccountId): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(Buffer.from(`campusmail ${accountId}`));
}

function idOf(response: unknown): unknown {
  return (response as { readonly id?: unknown } | null)?.id;
}
