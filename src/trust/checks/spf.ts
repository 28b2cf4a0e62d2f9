/** SPF (RFC 7208) by the library `mailauth`, in its strict mode and with our resolver, limits and words. */
import { spf } from 'mailauth';
import { MAX_RESULT_TEXT_LENGTH, MAX_SPF_LOOKUPS, MAX_SPF_VOID_LOOKUPS } from '#trust/limits.ts';
import type { SpfResult } from '#trust/types.ts';
import { type DnsQueries, nodeResolver } from './dns-queries.ts';

export interface SpfQuestion {
  readonly remoteAddress: string;
  readonly helo: string;
  /** '' is the null reverse path. */
  readonly reversePath: string;
  /** Our name, for %{r} in explanations. */
  readonly hostname: string;
}

const RESULTS: readonly string[] = ['none', 'neutral', 'pass', 'fail', 'softfail', 'temperror', 'permerror'];

export async function checkSpf(question: SpfQuestion, queries: DnsQueries): Promise<SpfResult> {
  const { remoteAddress, helo, reversePath, hostname } = question;
  const identity = reversePath === '' ? 'helo' : 'mailfrom';
  const domain = (identity === 'helo' ? helo : reversePath.slice(reversePath.lastIndexOf('@') + 1)).toLowerCase();
  // RFC 7208 §4.3: no domain, no SPF. An address literal is none either.
  if (domain === '') return { result: 'none', identity, domain, comment: 'no domain to check' };
  const found = await spf({
    sender: reversePath,
    ip: remoteAddress,
    helo,
    mta: hostname,
    resolver: nodeResolver(queries, remoteAddress),
    maxResolveCount: MAX_SPF_LOOKUPS,
    maxVoidCount: MAX_SPF_VOID_LOOKUPS,
    strict: true,
  });
  const { result } = found.status;
  if (!RESULTS.includes(result)) throw new Error(`SPF gave ${result}`);
  // The library's comment repeats host, sender and address; what is new in it comes last.
  const detail = /during lookup of .*?: ([^:]+)$/s.exec(found.status.comment ?? '')?.[1] ?? '';
  return {
    result: result as SpfResult['result'],
    identity,
    domain: found.domain,
    comment: detail.slice(0, MAX_RESULT_TEXT_LENGTH),
    ...(found.explanation === undefined ? {} : { explanation: found.explanation.slice(0, MAX_RESULT_TEXT_LENGTH) }),
  };
}
