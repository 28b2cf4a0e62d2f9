/**
 * The questions that one message's checks may ask: bounded in number and by one deadline, after which every answer is
 * `failed`. Also speaks to the library `mailauth` in the form it wants, which is that of node:dns.
 */
import type { Clock } from '#base/clock.ts';
import type { DnsAnswer, Resolver } from '#dns/resolver.ts';
import { MAX_TXT_OCTETS } from '#trust/limits.ts';

export interface QueryLimits {
  readonly timeoutMs: number;
  readonly maxQueries: number;
}

export class DnsQueries {
  readonly #resolver: Resolver;
  readonly #deadline: Promise<'late'>;
  readonly #cancel: () => void;
  #queriesLeft: number;
  #isLate = false;

  constructor(resolver: Resolver, clock: Clock, limits: QueryLimits) {
    this.#resolver = resolver;
    this.#queriesLeft = limits.maxQueries;
    let cancel = (): void => {};
    this.#deadline = new Promise((resolve) => {
      cancel = clock.after(limits.timeoutMs, () => {
        this.#isLate = true;
        resolve('late');
      });
    });
    this.#cancel = cancel;
  }

  /** Asks one question of the resolver. Never rejects, also when the resolver breaks its promise not to. */
  async ask<T>(question: (resolver: Resolver) => Promise<DnsAnswer<T>>): Promise<DnsAnswer<T>> {
    if (this.#isLate) return failed('timeout', 'no time is left for this message');
    if (this.#queriesLeft-- <= 0) return failed('refused', 'too many questions for one message');
    try {
      const answer = await Promise.race([question(this.#resolver), this.#deadline]);
      return answer === 'late' ? failed('timeout', 'no time is left for this message') : answer;
    } catch (error) {
      return failed('servfail', String(error));
    }
  }

  /** TXT records, none longer than is sensible: one that is becomes a malformed record of its kind. */
  async txt(name: string): Promise<DnsAnswer<string>> {
    const answer = await this.ask((resolver) => resolver.txt(name));
    if (answer.kind !== 'found' || answer.records.every((record) => record.length <= MAX_TXT_OCTETS)) return answer;
    // `v=spf1 …`, `v=DKIM1; …` and `v=DMARC1; …` keep their kind, so that what is wrong with them is said.
    const records = answer.records.map((record) =>
      record.length <= MAX_TXT_OCTETS ? record : `${record.slice(0, 8)}; =oversized`,
    );
    return { ...answer, records };
  }

  /** Forgets the deadline; for when all checks are done. */
  end(): void {
    this.#cancel();
  }
}

function failed(why: 'timeout' | 'refused' | 'servfail', message: string): DnsAnswer<never> {
  return { kind: 'failed', why, message };
}

/** An answer that is not there, as node:dns throws it. */
class LookupError extends Error {
  readonly code: string;

  constructor(code: string, name: string) {
    super(`${code} ${name}`);
    this.code = code;
  }
}

const FAILURE_CODES = {
  timeout: 'ETIMEOUT',
  servfail: 'ESERVFAIL',
  refused: 'EREFUSED',
  malformed: 'EBADRESP',
  badName: 'EBADNAME',
} as const;

/** Whether an error of `nodeResolver` says that nobody knew, rather than that there is nothing. */
export function isTemporary(error: unknown): boolean {
  return error instanceof LookupError && !['ENOTFOUND', 'ENODATA', 'EBADNAME'].includes(error.code);
}

export type NodeResolver = (name: string, type: string) => Promise<string[][] | string[]>;

/** The queries as `mailauth` asks them. Reverse names are only ever asked for `remoteAddress`. */
export function nodeResolver(queries: DnsQueries, remoteAddress: string): NodeResolver {
  return async (name, type) => {
    switch (type) {
      case 'TXT':
        return records(name, await queries.txt(name)).map((record) => [record]);
      case 'A':
        return records(name, await queries.ask((resolver) => resolver.a(name)));
      case 'AAAA':
        return records(name, await queries.ask((resolver) => resolver.aaaa(name)));
      case 'PTR':
        return records(name, await queries.ask((resolver) => resolver.ptr(remoteAddress)));
      case 'CNAME':
        return records(name, await queries.ask((resolver) => resolver.cname(name)));
      case 'MX': {
        const found = records(name, await queries.ask((resolver) => resolver.mx(name)));
        const hosts = found.map(({ exchange, preference }) => ({ exchange, priority: preference }));
        // The library's types forget that MX records are objects.
        return hosts as unknown as string[];
      }
      default:
        throw new LookupError('ENOTIMP', name);
    }
  };
}

function records<T>(name: string, answer: DnsAnswer<T>): T[] {
  if (answer.kind === 'found') return [...answer.records];
  if (answer.kind === 'absent') throw new LookupError(answer.why === 'nxdomain' ? 'ENOTFOUND' : 'ENODATA', name);
  throw new LookupError(FAILURE_CODES[answer.why], name);
}
