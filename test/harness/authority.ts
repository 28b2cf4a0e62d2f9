/** An authority of the tests' own, and certificates of it. */
import { X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import type { SecureContext } from 'node:tls';

import { generate } from 'selfsigned';

export interface TestAuthority {
  /** PEM. */
  readonly ca: string;
  /** A server's context with a certificate for `name`; the authority's own goes with it. */
  issue(name: string, options?: { readonly isExpired?: boolean }): Promise<SecureContext>;
}

export async function makeAuthority(): Promise<TestAuthority> {
  const authority = await generate([{ name: 'commonName', value: 'Authority of the tests' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  return {
    ca: authority.cert,
    async issue(name, { isExpired = false } = {}) {
      const pems = await generate([{ name: 'commonName', value: 'subjects are not looked at' }], {
        keyType: 'ec',
        algorithm: 'sha256',
        ca: { key: authority.private, cert: authority.cert },
        extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: name }] }],
        ...(isExpired ? { notBeforeDate: new Date('2019-09-01'), notAfterDate: new Date('2019-09-30') } : {}),
      });
      return createSecureContext({ key: pems.private, cert: `${pems.cert}\n${authority.cert}` });
    },
  };
}

/** PEM as DER. */
export function derOf(pem: string): Buffer {
  return new X509Certificate(pem).raw;
}
