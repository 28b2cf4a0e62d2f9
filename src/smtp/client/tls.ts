/**
 * Which TLS will do, and what came of it, in the words of TLS reports (RFC 8460 §4.3). Where a policy comes from
 * (MTA-STS, DANE, the settings) is not known here.
 */
import { X509Certificate } from 'node:crypto';

import { isCertificateFor } from '#net/certificate-names.ts';
import { createTrust } from '#net/start-tls.ts';
import type { SecureContext, TlsFailure, TlsServer } from '#net/start-tls.ts';

/** What `createTlsTrust` makes: which authorities are believed. To be made once and kept. */
export type TlsTrust = SecureContext;

/** The usual authorities and those of `extraCas` (PEM). Takes some ten milliseconds. */
export function createTlsTrust(extraCas: readonly string[]): TlsTrust {
  return createTrust(extraCas);
}

export type TlsPolicy =
  | { readonly kind: 'never' }
  /** TLS if it is offered, with any certificate; that it would not have passed as `verified` is reported. */
  | { readonly kind: 'opportunistic'; readonly names?: readonly string[] }
  /** TLS with any certificate, reported likewise, or nothing is sent. */
  | { readonly kind: 'encrypted'; readonly names?: readonly string[] }
  /** A certificate of a trusted authority for one of `names` (absent: for `serverName`), or nothing is sent. */
  | { readonly kind: 'verified'; readonly names?: readonly string[] }
  /** `judge` decides by what the server presented, each DER, its own certificate first, or nothing is sent. */
  | { readonly kind: 'dane'; readonly judge: (chain: readonly Buffer[]) => TlsProblem | undefined };

/** RFC 8460 §4.3: those a connection can come to; and of the policies' own those that DANE's judge may name. */
export type TlsResultType =
  | 'starttls-not-supported'
  | 'certificate-host-mismatch'
  | 'certificate-expired'
  | 'certificate-not-trusted'
  | 'validation-failure'
  | 'tlsa-invalid'
  | 'dnssec-invalid'
  | 'dane-required';

export interface TlsProblem {
  readonly result: TlsResultType;
  /** OpenSSL's code or words, or the server's reply: `failure-reason-code` of a report. */
  readonly detail: string;
}

export interface TlsReport {
  /** `TLSv1.3`; undefined where no TLS came about. */
  readonly version: string | undefined;
  /** `TLS_AES_256_GCM_SHA384`. */
  readonly cipher: string | undefined;
  /** What the server presented, each DER, its own certificate first. */
  readonly chain: readonly Buffer[];
  /** By what the server is known to be who it should; undefined: encrypted at best. */
  readonly verifiedBy: 'webpki' | 'dane' | undefined;
  /** Why not; under `opportunistic` the mail goes on nevertheless. */
  readonly problem: TlsProblem | undefined;
}

/** What came of a handshake. `serverName` is whom the certificate has to name where the policy does not say. */
export function judgeTls(policy: TlsPolicy, serverName: string | undefined, server: TlsServer): TlsReport {
  const { version, cipher, chain } = server;
  const problem =
    policy.kind === 'dane'
      ? policy.judge(chain)
      : judgeWebPki(server, (policy.kind === 'never' ? undefined : policy.names) ?? namesOf(serverName));
  const verifiedBy = problem !== undefined ? undefined : policy.kind === 'dane' ? 'dane' : 'webpki';
  return { version, cipher, chain, verifiedBy, problem };
}

/** That no TLS came about. */
export function reportNoTls(problem: TlsProblem): TlsReport {
  return { version: undefined, cipher: undefined, chain: [], verifiedBy: undefined, problem };
}

export function reportHandshakeFailure(failure: TlsFailure): TlsReport {
  return reportNoTls({ result: 'validation-failure', detail: failure.message });
}

function namesOf(serverName: string | undefined): readonly string[] {
  return serverName === undefined ? [] : [serverName];
}

function judgeWebPki(server: TlsServer, names: readonly string[]): TlsProblem | undefined {
  const [own] = server.chain;
  if (own === undefined) return { result: 'certificate-not-trusted', detail: 'no certificate' };
  if (server.chainError !== undefined) {
    const isExpired = server.chainError.includes('CERT_HAS_EXPIRED');
    return { result: isExpired ? 'certificate-expired' : 'certificate-not-trusted', detail: server.chainError };
  }
  const certificate = new X509Certificate(own);
  if (names.some((name) => isCertificateFor(certificate, name))) return undefined;
  const shown = certificate.subjectAltName ?? certificate.subject;
  return { result: 'certificate-host-mismatch', detail: `not for ${names.join(', ')} but ${shown}`.slice(0, 500) };
}
