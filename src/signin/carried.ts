/**
 * What a browser carries for us between two requests, sealed: it can neither read nor change it, and no thread has to remember it. Gone
 * when its time is over.
 */
import type { Clock } from '#base/clock.ts';
import type { Random } from '#base/random.ts';
import { seal, unseal } from '#base/seal.ts';
import type { HttpRequest } from '#http/types.ts';
import { formatCookie, readCookie, type SameSite } from './cookie.ts';

export interface CarriedParts {
  readonly key: Uint8Array;
  readonly clock: Clock;
  readonly random: Random;
  /** Of the cookie, after that of the session. */
  readonly name: string;
  readonly maxAgeMs: number;
  readonly sameSite?: SameSite;
}

export class Carried<State extends object> {
  readonly #parts: CarriedParts;

  constructor(parts: CarriedParts) {
    this.#parts = parts;
  }

  /** The value of `set-cookie`. */
  give(request: HttpRequest, state: State): string {
    const { key, clock, random, name, maxAgeMs, sameSite = 'Strict' } = this.#parts;
    const text = JSON.stringify({ state, until: clock.now() + maxAgeMs });
    const { isSecure } = request;
    const maxAgeS = Math.ceil(maxAgeMs / 1000);
    return formatCookie(seal(key, name, text, random), { isSecure, maxAgeS, name, sameSite });
  }

  end({ isSecure }: HttpRequest): string {
    const { name, sameSite = 'Strict' } = this.#parts;
    return formatCookie('', { isSecure, maxAgeS: 0, name, sameSite });
  }

  read(request: HttpRequest): State | undefined {
    const { key, clock, name } = this.#parts;
    const text = readCookie(request.header('cookie'), request.isSecure, name);
    const opened = text === undefined ? undefined : unseal(key, name, text);
    if (opened === undefined) return undefined;
    const { state, until } = JSON.parse(opened) as { readonly state: State; readonly until: number };
    return clock.now() < until ? state : undefined;
  }
}
