/**
 * MTA-STS (RFC 8461) for mail that leaves: finds the policy of a domain, keeps it for as long as it says, and tells which
 * MX hosts it allows. Opens no connection: the policy's text is fetched, and kept, by what is passed in.
 */
import type { Clock } from '#base/clock.ts';
import { LruMap } from '#base/lru-map.ts';
import type { Resolver } from '#dns/resolver.ts';
import {
  MAX_STS_AGE_S,
  MAX_STS_FETCHES_KEPT,
  MAX_STS_MX_PATTERNS,
  MAX_STS_POLICY_OCTETS,
  STS_FETCH_TIMEOUT_MS,
  STS_REFRESH_BEFORE_MS,
  STS_REFRESH_EVERY_MS,
  STS_RETRY_AFTER_MS,
} from './limits.ts';

export interface StsPolicy {
  /** Of the TXT record it was fetched for. */
  readonly id: string;
  /** `testing`: deliver whatever comes, and report; `none`: as if there were no policy. */
  readonly mode: 'enforce' | 'testing' | 'none';
  /** Host names, or `*.` and a domain: one label more. Lower case. */
  readonly mx: readonly string[];
  /** Milliseconds since the Unix epoch, from which it is not to be used any more. */
  readonly expiresAt: number;
}

export type FetchedText =
  | { readonly kind: 'fetched'; readonly status: number; readonly contentType: string; readonly text: string }
  /** `certificate`: TLS came to nothing because of it. */
  | { readonly kind: 'failed'; readonly why: 'certificate' | 'other'; readonly message: string };

/** Fetches by HTTPS with a certificate that is checked, following no redirect (RFC 8461 §3.3). Never rejects. */
export type FetchText = (
  url: string,
  limits: { readonly maxOctets: number; readonly timeoutMs: number },
) => Promise<FetchedText>;

/** Keeps policies across restarts. */
export interface StsCache {
  get(domain: string): Promise<StsPolicy | undefined>;
  put(domain: string, policy: StsPolicy): Promise<void>;
}

export type StsFinding =
  | { readonly kind: 'policy'; readonly policy: StsPolicy }
  | { readonly kind: 'none' }
  /** There is a policy, and it could not be had: mail goes as without one. `why` as RFC 8460 §4.3 names it. */
  | {
      readonly kind: 'failed';
      readonly why: 'sts-policy-fetch-error' | 'sts-policy-invalid' | 'sts-webpki-invalid';
      readonly message: string;
    };

export interface StsPorts {
  readonly resolver: Resolver;
  readonly fetchText: FetchText;
  readonly cache: StsCache;
  readonly clock: Clock;
}

type Failure = StsFinding & { kind: 'failed' };

/** What a fetch for this id came to, or will; not to be asked for again before `untilMs`. */
interface Fetch {
  readonly id: string;
  readonly outcome: Promise<StsPolicy | Failure>;
  untilMs: number;
}

export class StsPolicies {
  readonly #ports: StsPorts;
  readonly #fetches = new LruMap<string, Fetch>(MAX_STS_FETCHES_KEPT);

  constructor(ports: StsPorts) {
    this.#ports = ports;
  }

  /** The policy for mail to a domain (A-labels, lower case). Rejects when the cache does. */
  async find(domain: string): Promise<StsFinding> {
    const { resolver, cache, clock } = this.#ports;
    const [answer, kept] = await Promise.all([resolver.txt(`_mta-sts.${domain}`), cache.get(domain)]);
    const leftMs = (kept?.expiresAt ?? 0) - clock.now();
    const cached = leftMs > 0 ? kept : undefined;
    const id = answer.kind === 'found' ? readPolicyId(answer.records) : undefined;
    // RFC 8461 §5.1: while a kept policy lasts, nobody can take it away by taking away the record.
    if (id === undefined) return toFinding(cached);
    if (id === cached?.id) {
      // RFC 8461 §3.3: in good time, or whoever keeps us from fetching on its last day has got rid of it. Mail does not wait.
      if (leftMs < STS_REFRESH_BEFORE_MS) void this.#fetch(domain, id).catch(() => undefined);
      return toFinding(cached);
    }
    const fetched = await this.#fetch(domain, id);
    return 'kind' in fetched && cached === undefined ? fetched : toFinding('kind' in fetched ? cached : fetched);
  }

  /** Once at a time, and when it is done not again at once (RFC 8461 §3.3). */
  #fetch(domain: string, id: string): Promise<StsPolicy | Failure> {
    const earlier = this.#fetches.get(domain);
    if (earlier !== undefined && earlier.id === id && earlier.untilMs > this.#ports.clock.now()) return earlier.outcome;
    const fetch: Fetch = { id, untilMs: Infinity, outcome: this.#ask(domain, id) };
    this.#fetches.set(domain, fetch);
    fetch.outcome.then(
      (outcome) => {
        const nowMs = this.#ports.clock.now();
        fetch.untilMs =
          'kind' in outcome ? nowMs + STS_RETRY_AFTER_MS : Math.min(nowMs + STS_REFRESH_EVERY_MS, outcome.expiresAt);
      },
      () => this.#fetches.delete(domain),
    );
    return fetch.outcome;
  }

  async #ask(domain: string, id: string): Promise<StsPolicy | Failure> {
    const { fetchText, cache, clock } = this.#ports;
    const limits = { maxOctets: MAX_STS_POLICY_OCTETS, timeoutMs: STS_FETCH_TIMEOUT_MS };
    const fetched = await fetchText(`https://mta-sts.${domain}/.well-known/mta-sts.txt`, limits);
    const policy = readAnswer(fetched, id, clock.now());
    if (!('kind' in policy)) await cache.put(domain, policy);
    return policy;
  }
}

function toFinding(policy: StsPolicy | undefined): StsFinding {
  return policy === undefined || policy.mode === 'none' ? { kind: 'none' } : { kind: 'policy', policy };
}

/** RFC 8461 §3.1: exactly one record of this version, with an id. */
export function readPolicyId(records: readonly string[]): string | undefined {
  const ours = records.filter((record) => /^v=STSv1[ \t]*;/.test(record));
  return ours.length === 1
    ? /;[ \t]*id[ \t]*=[ \t]*([A-Za-z0-9]{1,32})[ \t]*(?:;|$)/.exec(ours[0] ?? '')?.[1]
    : undefined;
}

function readAnswer(fetched: FetchedText, id: string, nowMs: number): StsPolicy | Failure {
  if (fetched.kind === 'failed') {
    const why = fetched.why === 'certificate' ? 'sts-webpki-invalid' : 'sts-policy-fetch-error';
    return { kind: 'failed', why, message: fetched.message };
  }
  if (fetched.status !== 200) {
    return { kind: 'failed', why: 'sts-policy-fetch-error', message: `the server answered ${fetched.status}` };
  }
  if (!/^text\/plain[ \t]*(?:;|$)/i.test(fetched.contentType)) {
    return { kind: 'failed', why: 'sts-policy-invalid', message: 'the policy is not text/plain' };
  }
  const policy = parsePolicy(fetched.text);
  if (policy === undefined) return { kind: 'failed', why: 'sts-policy-invalid', message: 'the policy is malformed' };
  const { mode, mx, maxAgeS } = policy;
  return { id, mode, mx, expiresAt: nowMs + maxAgeS * 1000 };
}

export interface ParsedPolicy extends Pick<StsPolicy, 'mode' | 'mx'> {
  readonly maxAgeS: number;
}

const PATTERN = /^(?:\*\.)?(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** RFC 8461 §3.2; undefined when it is no policy. */
export function parsePolicy(text: string): ParsedPolicy | undefined {
  if (text.length > MAX_STS_POLICY_OCTETS) return undefined;
  const fields = new Map<string, string>();
  const mx: string[] = [];
  for (const line of text.split(/\r?\n/)) {
    if (line.trim() === '') continue;
    const [, key, value] = /^([A-Za-z0-9][A-Za-z0-9_.-]{0,31}):[ \t]*(.*?)[ \t]*$/.exec(line) ?? [];
    if (key === undefined || value === undefined) return undefined;
    if (key === 'mx') mx.push(value.toLowerCase().replace(/\.$/, ''));
    // Of a field that comes again the first counts.
    else if (!fields.has(key)) fields.set(key, value);
  }
  const mode = fields.get('mode');
  const maxAge = fields.get('max_age') ?? '';
  if (fields.get('version') !== 'STSv1' || !/^\d{1,10}$/.test(maxAge)) return undefined;
  if (mode !== 'enforce' && mode !== 'testing' && mode !== 'none') return undefined;
  if (mode !== 'none' && mx.length === 0) return undefined;
  if (mx.length > MAX_STS_MX_PATTERNS || !mx.every((pattern) => PATTERN.test(pattern))) return undefined;
  return { mode, mx, maxAgeS: Math.min(Number(maxAge), MAX_STS_AGE_S) };
}

/** Whether an MX host (A-labels, lower case) is one of the policy's (RFC 8461 §4.1). */
export function allowsMx({ mx }: Pick<StsPolicy, 'mx'>, host: string): boolean {
  const parent = host.slice(host.indexOf('.'));
  return mx.some((pattern) => (pattern.startsWith('*.') ? pattern.slice(1) === parent : pattern === host));
}
