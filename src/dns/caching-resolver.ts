/**
 * The Resolver that asks real servers: follows aliases, keeps answers for as long as they are true, and asks the same
 * question once however many want to know. Knows no mail.
 */
import type { Answer } from 'dns-packet';
import type { Clock } from '#base/clock.ts';
import { isMailError } from '#base/errors.ts';
import { silentLog, type Logger } from '#base/log.ts';
import { LruMap } from '#base/lru-map.ts';
import { noMetrics, type Metrics } from '#base/metrics.ts';
import type { Random } from '#base/random.ts';
import { WorkQueue } from '#base/work-queue.ts';
import { DNS_LIMITS, type DnsLimits } from './limits.ts';
import { canonicalizeName, reverseName } from './name.ts';
import type { DnsAnswer, DnsFailed, MxRecord, QuestionType, RecordOf, Resolver, TlsaRecord } from './resolver.ts';
import type { DnsServer } from './servers.ts';
import { ServerPool } from './transport/server-pool.ts';
import { RCODE, type Question } from './wire/query.ts';
import { readRecord } from './wire/record.ts';
import { readTtl, type Reply } from './wire/reply.ts';

export interface CachingResolverParts {
  /** In the order they are asked (servers.ts). */
  readonly servers: readonly DnsServer[];
  readonly clock: Clock;
  readonly random: Random;
  readonly log?: Logger;
  readonly metrics?: Metrics;
  /** In place of limits.ts's. */
  readonly limits?: Partial<DnsLimits>;
}

type AnyAnswer = DnsAnswer<RecordOf[QuestionType]>;

interface Kept {
  readonly answer: AnyAnswer;
  /** Monotonic. */
  readonly expiresAtMs: number;
  readonly octets: number;
}

/** What an entry takes besides the octets of the message it came in: objects, name and key. */
const ENTRY_OCTETS = 500;

export class CachingResolver implements Resolver {
  readonly #pool: ServerPool;
  readonly #clock: Clock;
  readonly #metrics: Metrics;
  readonly #limits: DnsLimits;
  readonly #questions: WorkQueue;
  /** By type and name. */
  readonly #kept: LruMap<string, Kept>;
  readonly #underWay = new Map<string, Promise<AnyAnswer>>();

  constructor(parts: CachingResolverParts) {
    const { servers, clock, random, log = silentLog, metrics = noMetrics } = parts;
    const limits = { ...DNS_LIMITS, ...parts.limits };
    this.#pool = new ServerPool({ servers, clock, random, log, metrics, limits });
    this.#clock = clock;
    this.#metrics = metrics;
    this.#limits = limits;
    this.#questions = new WorkQueue({ concurrency: limits.questionsUnderWay, maxWaiting: limits.questionsWaiting });
    this.#kept = new LruMap(limits.cacheEntries, { maxWeight: limits.cacheOctets, weigh: ({ octets }) => octets });
  }

  mx(domain: string): Promise<DnsAnswer<MxRecord>> {
    return this.#lookUp(domain, 'MX');
  }

  a(name: string): Promise<DnsAnswer<string>> {
    return this.#lookUp(name, 'A');
  }

  aaaa(name: string): Promise<DnsAnswer<string>> {
    return this.#lookUp(name, 'AAAA');
  }

  txt(name: string): Promise<DnsAnswer<string>> {
    return this.#lookUp(name, 'TXT');
  }

  ptr(address: string): Promise<DnsAnswer<string>> {
    return this.#lookUp(reverseName(address) ?? '', 'PTR');
  }

  tlsa(name: string): Promise<DnsAnswer<TlsaRecord>> {
    return this.#lookUp(name, 'TLSA');
  }

  cname(name: string): Promise<DnsAnswer<string>> {
    return this.#lookUp(name, 'CNAME');
  }

  async #lookUp<T extends QuestionType>(text: string, type: T): Promise<DnsAnswer<RecordOf[T]>> {
    const name = canonicalizeName(text);
    if (name === undefined) return failed('badName', 'that cannot be a name of the DNS');
    const key = `${type} ${name}`;
    const kept = this.#recall(key);
    const asked = kept ?? this.#underWay.get(key) ?? this.#ask(key, { name, type });
    const answer = await asked;
    this.#metrics.count('campusmail_dns_lookups_total', {
      outcome: answer.kind === 'found' ? 'found' : answer.why,
      from: kept === undefined ? 'servers' : 'cache',
    });
    // What stands under a type's key holds records of that type.
    return answer as DnsAnswer<RecordOf[T]>;
  }

  #recall(key: string): AnyAnswer | undefined {
    const kept = this.#kept.get(key);
    if (kept === undefined) return undefined;
    const leftMs = kept.expiresAtMs - this.#clock.monotonic();
    if (leftMs <= 0) {
      this.#kept.delete(key);
      return undefined;
    }
    return kept.answer.kind === 'failed' ? kept.answer : { ...kept.answer, ttlS: Math.ceil(leftMs / 1000) };
  }

  #ask(key: string, question: Question): Promise<AnyAnswer> {
    const startedMs = this.#clock.monotonic();
    const asked = this.#resolveInTurn(question, startedMs + this.#limits.lookUpTimeoutMs).then(({ answer, octets }) => {
      const nowMs = this.#clock.monotonic();
      this.#metrics.observe('campusmail_dns_seconds', (nowMs - startedMs) / 1000);
      const ttlS = answer.kind === 'failed' ? this.#limits.failureTtlS : answer.ttlS;
      this.#kept.set(key, { answer, expiresAtMs: nowMs + ttlS * 1000, octets: octets + key.length + ENTRY_OCTETS });
      this.#underWay.delete(key);
      return answer;
    });
    this.#underWay.set(key, asked);
    return asked;
  }

  /** Never rejects. */
  async #resolveInTurn(question: Question, deadlineMs: number): Promise<Resolution> {
    try {
      return await this.#questions.run(() => this.#resolve(question, deadlineMs));
    } catch (error) {
      if (!isMailError(error, 'unavailable')) throw error;
      return { answer: failed('timeout', `${question.name}: too many look-ups are waiting`), octets: 0 };
    }
  }

  /** Asks, and asks on where the answer is an alias and no more. */
  async #resolve({ name, type }: Question, deadlineMs: number): Promise<Resolution> {
    const chain = new AliasChain(name, type, this.#limits.aliases);
    let isAuthentic = true;
    let octets = 0;
    for (;;) {
      const asked = await this.#pool.ask({ name: chain.end, type }, deadlineMs);
      const fail = (why: DnsFailed['why'], message: string): Resolution => ({
        answer: failed(why, `${name} ${type}: ${message}`),
        octets: 0,
      });
      if (asked.kind === 'failed') return fail(asked.why, asked.message);
      const { reply } = asked;
      octets += reply.octets;
      isAuthentic &&= reply.isAuthentic;
      const step = chain.follow(reply);
      if (step === 'broken') return fail('servfail', `more than ${this.#limits.aliases} aliases, or in a circle`);
      const found = readRecords(reply, chain.end, type, this.#limits.recordsKept);
      if (found === 'malformed') return fail('malformed', 'none of the records can be used');
      if (found !== undefined) {
        const ttlS = this.#bound(Math.min(found.ttlS, chain.ttlS), this.#limits.maxTtlS);
        return { answer: { kind: 'found', records: found.records, isAuthentic, ttlS }, octets };
      }
      // RFC 2308 §2, RFC 6604 §3: an error, or a zone's SOA, is about the end of the chain.
      const isFinal = reply.rcode === RCODE.nxDomain || reply.negativeTtlS !== undefined || step === 'stays';
      if (isFinal) {
        const negativeTtlS = Math.min(reply.negativeTtlS ?? this.#limits.bareNegativeTtlS, chain.ttlS);
        const ttlS = this.#bound(negativeTtlS, this.#limits.maxNegativeTtlS);
        const why = reply.rcode === RCODE.nxDomain ? 'nxdomain' : 'nodata';
        return { answer: { kind: 'absent', why, isAuthentic, ttlS }, octets };
      }
    }
  }

  #bound(ttlS: number, maxTtlS: number): number {
    return Math.min(Math.max(ttlS, this.#limits.minTtlS), maxTtlS);
  }
}

interface Resolution {
  readonly answer: AnyAnswer;
  /** Of the messages it was read from. */
  readonly octets: number;
}

/** The aliases from the name asked for to where its records are; a question for CNAME follows none. */
class AliasChain {
  /** Canonical. */
  end: string;
  /** The shortest of them, seconds. */
  ttlS = Infinity;
  readonly #follows: boolean;
  readonly #passed: Set<string>;
  readonly #most: number;

  constructor(start: string, type: QuestionType, most: number) {
    this.end = start;
    this.#follows = type !== 'CNAME';
    this.#passed = new Set([start]);
    this.#most = most;
  }

  /** Goes as far as a reply leads. `broken`: too far, in a circle, or to what is no name. */
  follow(reply: Reply): 'stays' | 'moved' | 'broken' {
    if (!this.#follows) return 'stays';
    let step: 'stays' | 'moved' = 'stays';
    for (;;) {
      const alias = reply.answers.find((answer) => answer.type === 'CNAME' && isOwner(answer, this.end));
      if (alias === undefined) return step;
      const target = readRecord(alias, 'CNAME');
      if (target === undefined || this.#passed.has(target) || this.#passed.size > this.#most) return 'broken';
      this.#passed.add(target);
      this.ttlS = Math.min(this.ttlS, readTtl(alias as { ttl?: number }));
      this.end = target;
      step = 'moved';
    }
  }
}

/** `malformed`: there are some, and none can be used. Undefined: there are none. */
function readRecords<T extends QuestionType>(
  reply: Reply,
  name: string,
  type: T,
  most: number,
): { readonly records: readonly RecordOf[T][]; readonly ttlS: number } | 'malformed' | undefined {
  const answers = reply.answers.filter((answer) => answer.type === type && isOwner(answer, name)).slice(0, most);
  if (answers.length === 0) return undefined;
  const records = answers.map((answer) => readRecord(answer, type)).filter((record) => record !== undefined);
  if (records.length === 0) return 'malformed';
  return { records, ttlS: Math.min(...answers.map((answer) => readTtl(answer as { ttl?: number }))) };
}

function isOwner(answer: Answer, name: string): boolean {
  return answer.name.toLowerCase() === name;
}

function failed(why: DnsFailed['why'], message: string): DnsFailed {
  return { kind: 'failed', why, message };
}
