/** All servers as one: who is asked, in which order, how often, and what their failures come to. */
import type { Clock } from '#base/clock.ts';
import type { Logger } from '#base/log.ts';
import type { Metrics } from '#base/metrics.ts';
import type { Random } from '#base/random.ts';
import type { DnsLimits } from '#dns/limits.ts';
import type { DnsFailure } from '#dns/resolver.ts';
import type { DnsServer } from '#dns/servers.ts';
import { encodeQuery, RCODE, type Edns, type Query, type Question } from '#dns/wire/query.ts';
import { readReply, type Reply } from '#dns/wire/reply.ts';
import { askByTcp, askByUdp, type Exchanged, type ExchangeOptions } from './exchange.ts';

/** A reply with NOERROR or NXDOMAIN; AD in it only from a trusted server. */
export type PoolAnswer = { readonly kind: 'reply'; readonly reply: Reply } | PoolFailure;

interface PoolFailure {
  readonly kind: 'failed';
  readonly why: DnsFailure;
  readonly message: string;
}

interface PooledServer extends DnsServer {
  /** `address:port`, for the log. */
  readonly label: string;
  /** Until when (monotonic) it is asked last; 0 while it answers. */
  deadUntilMs: number;
  /** When (monotonic) something last came from it. */
  heardAtMs: number;
}

export interface ServerPoolParts {
  readonly servers: readonly DnsServer[];
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly limits: DnsLimits;
}

export class ServerPool {
  readonly #servers: readonly PooledServer[];
  readonly #parts: ServerPoolParts;

  constructor(parts: ServerPoolParts) {
    this.#parts = parts;
    this.#servers = parts.servers.map((server) => ({
      ...server,
      label: server.address.includes(':') ? `[${server.address}]:${server.port}` : `${server.address}:${server.port}`,
      deadUntilMs: 0,
      heardAtMs: -Infinity,
    }));
  }

  /**
   * Asks until a server answers, each up to `rounds` times, but not after `deadlineMs` (monotonic). A server that says it
   * cannot tell is not asked again: the next one might know better. Never rejects.
   */
  async ask(question: Question, deadlineMs: number): Promise<PoolAnswer> {
    const { clock, limits } = this.#parts;
    let failure: PoolFailure = { kind: 'failed', why: 'timeout', message: 'no DNS server answers' };
    const live = this.#servers.filter((server) => server.deadUntilMs <= clock.monotonic());
    const dead = this.#servers.filter((server) => !live.includes(server));
    let toAsk = [...live, ...dead];
    // Where nobody has been answering of late, one try each has to do.
    const rounds = live.length === 0 ? 1 : limits.rounds;
    for (let round = 0; round < rounds; round++) {
      const silent: PooledServer[] = [];
      for (const server of toAsk) {
        if (clock.monotonic() >= deadlineMs) return failure;
        const answer = await this.#askServer(server, question, deadlineMs);
        if (answer.kind === 'reply') return answer;
        if (answer.why === 'timeout') silent.push(server);
        // What a server said counts for more than that another one said nothing.
        if (answer.why !== 'timeout' || failure.why === 'timeout') failure = answer;
      }
      toAsk = silent;
    }
    return failure;
  }

  async #askServer(server: PooledServer, question: Question, deadlineMs: number): Promise<PoolAnswer> {
    const asks: Edns[] = [server.isTrusted ? 'dnssec' : 'plain', 'none'];
    for (const edns of asks) {
      const sentAtMs = this.#parts.clock.monotonic();
      const exchanged = await this.#exchange(server, encodeQuery(question, edns, this.#parts.random), deadlineMs);
      this.#noteLife(server, exchanged, sentAtMs);
      if (exchanged.kind === 'askByTcp') break;
      if (exchanged.kind === 'failed') {
        const why = exchanged.why === 'unreachable' ? 'timeout' : exchanged.why;
        return { kind: 'failed', why, message: `${server.label}: ${exchanged.message}` };
      }
      const reply = readReply(exchanged.octets);
      if (reply === undefined) break;
      if (reply.rcode === RCODE.noError || reply.rcode === RCODE.nxDomain) {
        return { kind: 'reply', reply: { ...reply, isAuthentic: reply.isAuthentic && server.isTrusted } };
      }
      // RFC 6891 §6.2.2, §7: what a server says that does not know EDNS; some know other words for it.
      const knowsNoEdns = [RCODE.formErr, RCODE.notImp, RCODE.badVers].some((rcode) => rcode === reply.rcode);
      if (edns !== 'none' && knowsNoEdns) continue;
      if (reply.rcode === RCODE.refused) {
        return { kind: 'failed', why: 'refused', message: `${server.label} refuses to answer` };
      }
      return { kind: 'failed', why: 'servfail', message: `${server.label} answers with error ${reply.rcode}` };
    }
    return { kind: 'failed', why: 'malformed', message: `${server.label} sends what cannot be read` };
  }

  async #exchange(server: PooledServer, query: Query, deadlineMs: number): Promise<Exchanged> {
    const { clock, limits, metrics } = this.#parts;
    const options = (): ExchangeOptions => ({
      clock,
      timeoutMs: Math.max(0, Math.min(limits.tryTimeoutMs, deadlineMs - clock.monotonic())),
      onStray: () => metrics.count('campusmail_dns_strays_total'),
    });
    const exchanged = await askByUdp(server, query, options());
    return exchanged.kind === 'askByTcp' ? askByTcp(server, query, options()) : exchanged;
  }

  #noteLife(server: PooledServer, exchanged: Exchanged, sentAtMs: number): void {
    const { clock, limits, log } = this.#parts;
    const wasDead = server.deadUntilMs > 0;
    if (exchanged.kind === 'failed' && exchanged.why !== 'malformed') {
      // It has answered others meanwhile: this datagram was lost, or this question is a hard one.
      if (server.heardAtMs > sentAtMs) return;
      server.deadUntilMs = clock.monotonic() + limits.deadServerMs;
      if (!wasDead) log.warn({ server: server.label, why: exchanged.message }, 'a DNS server does not answer');
    } else {
      server.deadUntilMs = 0;
      server.heardAtMs = clock.monotonic();
      if (wasDead) log.info({ server: server.label }, 'a DNS server answers again');
    }
  }
}
