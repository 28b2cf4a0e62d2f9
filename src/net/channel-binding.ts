/**
 * What names a TLS connection so that nobody in between can pretend to it (RFC 5056): for sign-ins that are bound to
 * their connection. Which sign-ins those are is not its matter.
 */
import { createHash } from 'node:crypto';
import type { TLSSocket } from 'node:tls';

/**
 * The octets of the channel binding of that name, as the server of `socket`; undefined if it is not known or cannot be
 * had on this connection, or the connection is gone. Without `tls-unique` (RFC 5929 §3): TLS 1.3 has none, and before
 * it somebody in the middle may have the same on both sides.
 */
export function channelBinding(socket: TLSSocket, name: string): Buffer | undefined {
  if (socket.destroyed) return undefined;
  switch (name) {
    case 'tls-exporter':
      // RFC 9266 §4.2: before TLS 1.3 only with an extended master secret, of which we are told nothing.
      if (socket.getProtocol() !== 'TLSv1.3') return undefined;
      return socket.exportKeyingMaterial(32, 'EXPORTER-Channel-Binding', Buffer.alloc(0));
    case 'tls-server-end-point':
      return hashCertificate(socket);
    default:
      return undefined;
  }
}

/** RFC 5929 §4.1: by the hash of the certificate's signature, SHA-256 instead of MD5 and SHA-1. */
const HASHES: Readonly<Record<string, string>> = {
  // RSA with MD5, SHA-1, SHA-224, SHA-256, SHA-384, SHA-512.
  '1.2.840.113549.1.1.4': 'sha256',
  '1.2.840.113549.1.1.5': 'sha256',
  '1.2.840.113549.1.1.14': 'sha224',
  '1.2.840.113549.1.1.11': 'sha256',
  '1.2.840.113549.1.1.12': 'sha384',
  '1.2.840.113549.1.1.13': 'sha512',
  // ECDSA with SHA-1, SHA-224, SHA-256, SHA-384, SHA-512.
  '1.2.840.10045.4.1': 'sha256',
  '1.2.840.10045.4.3.1': 'sha224',
  '1.2.840.10045.4.3.2': 'sha256',
  '1.2.840.10045.4.3.3': 'sha384',
  '1.2.840.10045.4.3.4': 'sha512',
};

function hashCertificate(socket: TLSSocket): Buffer | undefined {
  const certificate = socket.getX509Certificate();
  // Signatures without a hash of their own (Ed25519), or with one that stands elsewhere (RSASSA-PSS): not defined.
  const hash = HASHES[certificate?.signatureAlgorithmOid ?? ''];
  return certificate && hash ? createHash(hash).update(certificate.raw).digest() : undefined;
}
