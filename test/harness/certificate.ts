/** A self-signed certificate for tests that speak TLS with a client that does not check it. */
import { createSecureContext, type SecureContext } from 'node:tls';
import { generate } from 'selfsigned';

let context: Promise<SecureContext> | undefined;

/** Made once for each process. */
export function testContext(): Promise<SecureContext> {
  context ??= generate([{ name: 'commonName', value: 'mail.example.edu' }], { keyType: 'ec' }).then((pems) =>
    createSecureContext({ key: pems.private, cert: pems.cert }),
  );
  return context;
}
