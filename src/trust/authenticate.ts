/**
 * Who sent this message? Runs SPF, DKIM, ARC, DMARC and iprev over the octets of one message and says what each found.
 * Never throws, never takes longer than its time-out, asks so many questions and no more. Decides nothing.
 */
import type { Clock } from '#base/clock.ts';
import type { Resolver } from '#dns/resolver.ts';
import { type HeaderFields, parseHeader } from '#mime/header.ts';
import { LIMITS as MIME_LIMITS } from '#mime/limits.ts';
import { asBuffer } from '#mime/octets.ts';
import { readAuthorDomain } from './author-domain.ts';
import { formatAuthenticationResults } from './authentication-results.ts';
import { checkArc } from './checks/arc.ts';
import { type DkimChecked, checkDkim } from './checks/dkim.ts';
import { checkDmarc } from './checks/dmarc.ts';
import { DnsQueries, type QueryLimits } from './checks/dns-queries.ts';
import { checkIprev } from './checks/iprev.ts';
import { checkSpf } from './checks/spf.ts';
import { SignedFields } from './dkim/canonical.ts';
import { SignatureVerifier } from './dkim/signature.ts';
import { AUTHENTICATION_TIMEOUT_MS, MAX_QUERIES } from './limits.ts';
import type { ArcResult, DmarcResult, IprevResult, MessageAuthentication, SpfResult } from './types.ts';

export interface ReceivedMessage {
  /** As they came, before anything of ours is put before them. */
  readonly octets: Uint8Array;
  /** Numeric, of the connection. */
  readonly remoteAddress: string;
  /** What the peer called itself; '' when it did not. */
  readonly helo: string;
  /** MAIL FROM without angles; '' is the null reverse path. */
  readonly reversePath: string;
  /** Our name: the authserv-id. */
  readonly hostname: string;
}

export interface AuthenticationPorts {
  readonly resolver: Resolver;
  readonly clock: Clock;
  readonly limits?: Partial<QueryLimits>;
}

const DEFAULT_LIMITS: QueryLimits = { timeoutMs: AUTHENTICATION_TIMEOUT_MS, maxQueries: MAX_QUERIES };

export async function authenticateMessage(
  message: ReceivedMessage,
  { resolver, clock, limits }: AuthenticationPorts,
): Promise<MessageAuthentication> {
  const faults: unknown[] = [];
  const orOnFault = async <T>(check: Promise<T>, otherwise: T): Promise<T> => {
    try {
      return await check;
    } catch (error) {
      faults.push(error);
      return otherwise;
    }
  };

  const octets = asBuffer(message.octets);
  const headers = parseHeader(octets);
  const isWhole = isWhollyRead(headers);
  const author = isWhole ? readAuthorDomain(headers) : { domain: undefined, why: 'the header is too large' };
  const fields = new SignedFields(octets, headers);
  const queries = new DnsQueries(resolver, clock, { ...DEFAULT_LIMITS, ...limits });
  const verifier = new SignatureVerifier(octets, headers.bodyStart, fields, queries, clock.now());
  try {
    const [iprev, spf, dkim, arc] = await Promise.all([
      orOnFault(checkIprev(message.remoteAddress, queries), unknownIprev(message.remoteAddress)),
      orOnFault(checkSpf(message, queries), unknownSpf(message)),
      orOnFault(isWhole ? checkDkim(fields, verifier, author.domain) : noDkim(), { results: [], ignored: 0 }),
      orOnFault(isWhole ? checkArc(fields, verifier, queries) : noArc(), UNKNOWN_ARC),
    ]);
    const judged = await orOnFault(checkDmarc(author, spf, dkim.results, queries), unknownDmarc(author.domain));
    // What failed because a check of ours broke down is not known to fail.
    const dmarc = judged.result === 'fail' && faults.length > 0 ? unknownDmarc(author.domain) : judged;
    const results = { spf, dkim: dkim.results, dmarc, arc, iprev };
    const field = formatAuthenticationResults(message.hostname, results);
    return { ...results, ignoredSignatures: dkim.ignored, field, faults };
  } finally {
    queries.end();
  }
}

/** Whether the header's every field was read: past those limits a second From may stand. */
function isWhollyRead(headers: HeaderFields): boolean {
  return (
    headers.fields.length < MIME_LIMITS.headerFields && headers.bodyStart - headers.start < MIME_LIMITS.headerBytes
  );
}

async function noDkim(): Promise<DkimChecked> {
  return { results: [], ignored: 0 };
}

async function noArc(): Promise<ArcResult> {
  return { result: 'none', sets: [], comment: '' };
}

// What a check says when a bug of ours ended it: temporary, as every fault of ours is.

const FAULT = 'an error of this server';
const UNKNOWN_ARC: ArcResult = { result: 'temperror', sets: [], comment: FAULT };

function unknownSpf({ reversePath }: ReceivedMessage): SpfResult {
  return { result: 'temperror', identity: reversePath === '' ? 'helo' : 'mailfrom', domain: '', comment: FAULT };
}

function unknownIprev(address: string): IprevResult {
  return { result: 'temperror', address, confirmedNames: [] };
}

function unknownDmarc(fromDomain: string | undefined): DmarcResult {
  const result = fromDomain === undefined ? 'permerror' : 'temperror';
  const nothing = { policy: 'none', published: undefined, alignedSpf: undefined, alignedDkim: undefined } as const;
  return { result, fromDomain, ...nothing, comment: FAULT };
}
