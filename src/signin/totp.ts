/** Codes by the time (RFC 6238) from an app: six digits, 30 seconds, a step before and after for clocks that differ. */
import type { Clock } from '#base/clock.ts';
import type { Random } from '#base/random.ts';
import { seal, unseal } from '#base/seal.ts';
import type { AccountId, FactorRow } from '#directory/types.ts';

/** RFC 4226 §4 asks for 128 bits, and recommends 160. */
const SECRET_OCTETS = 20;
const PERIOD_S = 30;
const WINDOW = 1;
/** How long somebody may take to show the app's first code, milliseconds. */
const BEGUN_MS = 15 * 60_000;

/** What is kept: the secret sealed, and the last step whose code was taken, so that none is taken twice (RFC 6238 §5.2). */
interface TotpSecret {
  readonly sealed: string;
  readonly lastStep: number;
}

export interface BegunTotp {
  /** For people who type it in, base32. */
  readonly secret: string;
  /** For the picture. */
  readonly uri: string;
  /** Comes back with the first code: nothing is kept until then. */
  readonly token: string;
}

export class Totp {
  readonly #key: Uint8Array;
  readonly #clock: Clock;
  readonly #random: Random;

  constructor({ key, clock, random }: { readonly key: Uint8Array; readonly clock: Clock; readonly random: Random }) {
    this.#key = key;
    this.#clock = clock;
    this.#random = random;
  }

  /** `issuer`: the university; `label`: the address. */
  async begin(accountId: AccountId, issuer: string, label: string): Promise<BegunTotp> {
    const { TOTP, Secret } = await import('otpauth');
    const secret = new Secret({ buffer: Uint8Array.from(this.#random.bytes(SECRET_OCTETS)).buffer });
    const uri = new TOTP({ issuer, label, secret, period: PERIOD_S }).toString();
    const state = JSON.stringify({ secret: secret.base32, until: this.#clock.now() + BEGUN_MS });
    return { secret: secret.base32, uri, token: seal(this.#key, `begun totp ${accountId}`, state, this.#random) };
  }

  /** `FactorRow.secret` of one whose first code is right; undefined: it is not, or was begun too long ago. */
  async confirm(accountId: AccountId, token: string, code: string): Promise<string | undefined> {
    const opened = unseal(this.#key, `begun totp ${accountId}`, token);
    if (opened === undefined) return undefined;
    const { secret, until } = JSON.parse(opened) as { readonly secret: string; readonly until: number };
    if (this.#clock.now() >= until) return undefined;
    const step = await this.#stepOf(secret, code);
    if (step === undefined) return undefined;
    return JSON.stringify({
      sealed: seal(this.#key, `totp ${accountId}`, secret, this.#random),
      lastStep: step,
    } satisfies TotpSecret);
  }

  /** What the factor's secret has to become for the code to count; undefined: it is wrong, or was taken already. */
  async check({ accountId, secret }: FactorRow, code: string): Promise<string | undefined> {
    const { sealed, lastStep } = JSON.parse(secret) as TotpSecret;
    const opened = unseal(this.#key, `totp ${accountId}`, sealed);
    const step = opened === undefined ? undefined : await this.#stepOf(opened, code);
    if (step === undefined || step <= lastStep) return undefined;
    return JSON.stringify({ sealed, lastStep: step } satisfies TotpSecret);
  }

  async #stepOf(base32: string, code: string): Promise<number | undefined> {
    if (!/^\d{6}$/.test(code)) return undefined;
    const { TOTP, Secret } = await import('otpauth');
    const timestamp = this.#clock.now();
    const totp = new TOTP({ secret: Secret.fromBase32(base32), period: PERIOD_S });
    const delta = totp.validate({ token: code, window: WINDOW, timestamp });
    return delta === null ? undefined : Math.floor(timestamp / 1000 / PERIOD_S) + delta;
  }
}
