/**
 * DMARC (RFC 7489, and the tree walk of RFC 9989) of a received message, by the library `mailauth`: given the author's
 * domain and what SPF and DKIM found. What is done about it is decided elsewhere.
 */
import { dmarc } from 'mailauth';
import type { AuthorDomain } from '#trust/author-domain.ts';
import { parseTagList } from '#mime/tag-list.ts';
import { MAX_RESULT_TEXT_LENGTH } from '#trust/limits.ts';
import type { DkimResult, DmarcDisposition, DmarcRecord, DmarcResult, SpfResult } from '#trust/types.ts';
import { isRelated } from './dkim.ts';
import { type DnsQueries, nodeResolver } from './dns-queries.ts';

export async function checkDmarc(
  author: AuthorDomain,
  spf: SpfResult,
  dkim: readonly DkimResult[],
  queries: DnsQueries,
): Promise<DmarcResult> {
  const empty = { policy: 'none', published: undefined, alignedSpf: undefined, alignedDkim: undefined } as const;
  if (author.domain === undefined) {
    return { result: 'permerror', fromDomain: undefined, ...empty, comment: author.why };
  }
  const fromDomain = author.domain;
  const found = await dmarc({
    headerFrom: [`author@${fromDomain}`],
    fromFields: 1,
    spfDomains: spf.result === 'pass' ? [spf.domain] : [],
    dkimDomains: dkim.filter(({ result }) => result === 'pass').map(({ domain }) => ({ domain })),
    resolver: nodeResolver(queries, ''),
  });
  if (found === false) return { result: 'permerror', fromDomain, ...empty, comment: 'no author domain' };
  if (found.rr === undefined) {
    // Without a record the library answers `none`, or `temperror` when nobody could say.
    const result = found.status.result === 'none' ? 'none' : 'temperror';
    return { result, fromDomain, ...empty, comment: result === 'none' ? '' : 'the policy could not be looked up' };
  }
  const alignedSpf = found.alignment.spf.result;
  const alignedDkim = found.alignment.dkim.result;
  // A check that nobody could finish might have aligned: it is not known that the message fails.
  const isUnsure =
    (spf.result === 'temperror' && isRelated(spf.domain, fromDomain)) ||
    dkim.some(({ result, domain }) => result === 'temperror' && isRelated(domain, fromDomain));
  const isTemporary = found.status.result === 'temperror' || (found.status.result === 'fail' && isUnsure);
  return {
    result: found.status.result === 'pass' ? 'pass' : isTemporary ? 'temperror' : 'fail',
    fromDomain,
    policy: toDisposition(found.policy),
    published: toRecord(found),
    alignedSpf,
    alignedDkim,
    comment: isTemporary ? 'a look-up failed' : '',
  };
}

function toRecord(found: Exclude<Awaited<ReturnType<typeof dmarc>>, false>): DmarcRecord {
  const tags = parseTagList(found.rr ?? '');
  const pct = Number(tags?.get('pct') ?? 100);
  return {
    domain: found.policyDomain ?? found.domain,
    p: toDisposition(found.p),
    sp: toDisposition(found.sp),
    np: found.np === undefined ? undefined : toDisposition(found.np),
    pct: Number.isInteger(pct) && pct >= 0 && pct <= 100 ? pct : 100,
    adkim: found.alignment.dkim.strict ? 's' : 'r',
    aspf: found.alignment.spf.strict ? 's' : 'r',
    rua: (tags?.get('rua') ?? '').slice(0, 4 * MAX_RESULT_TEXT_LENGTH),
    isTesting: found.testMode,
  };
}

function toDisposition(text: string): DmarcDisposition {
  return text === 'reject' || text === 'quarantine' ? text : 'none';
}
