import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { describe, it } from 'node:test';
import { connect as connectTls, createSecureContext } from 'node:tls';
import type { ConnectionOptions, SecureContext, TLSSocket } from 'node:tls';
import { generate } from 'selfsigned';

import { FakeClock } from '#base/clock.ts';
import { testContext } from '#test/harness/certificate.ts';

import { PeerStream } from './stream.ts';

const timeout = 10_000;

interface Ends extends AsyncDisposable {
  readonly stream: PeerStream;
  readonly client: TLSSocket;
}

async function openTls(context: SecureContext, options: ConnectionOptions = {}): Promise<Ends> {
  const server = createServer({ pauseOnConnect: true });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const plain = connect({ host: '127.0.0.1', port: (server.address() as AddressInfo).port });
  const [ours] = (await once(server, 'connection')) as [Socket];
  const stream = new PeerStream(ours, new FakeClock());
  assert.equal(stream.bindChannel, undefined);
  const secured = stream.startTls(() => context, 60_000);
  const client = connectTls({ socket: plain, rejectUnauthorized: false, ...options });
  await once(client, 'secureConnect');
  assert.ok(await secured);
  return {
    stream,
    client,
    async [Symbol.asyncDispose]() {
      client.destroy();
      stream.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function exportKey(client: TLSSocket): Buffer {
  return client.exportKeyingMaterial(32, 'EXPORTER-Channel-Binding', Buffer.alloc(0));
}

describe('channel binding', () => {
  it('both ends of a connection find the same, and no other connection has it', { timeout }, async () => {
    const context = await testContext();
    await using one = await openTls(context);
    await using other = await openTls(context);
    assert.deepEqual(one.stream.bindChannel?.('tls-exporter'), exportKey(one.client));
    assert.deepEqual(other.stream.bindChannel?.('tls-exporter'), exportKey(other.client));
    assert.notDeepEqual(exportKey(one.client), exportKey(other.client));
  });

  for (const [algorithm, hash] of [
    ['sha1', 'sha256'],
    ['sha256', 'sha256'],
    ['sha512', 'sha512'],
  ] as const) {
    for (const keyType of ['rsa', 'ec'] as const) {
      it(`the certificate signed by ${keyType} with ${algorithm} is named by ${hash}`, { timeout }, async () => {
        const pems = await generate([{ name: 'commonName', value: 'mail.example.edu' }], { keyType, algorithm });
        await using ends = await openTls(createSecureContext({ key: pems.private, cert: pems.cert }));
        const seen = ends.client.getPeerX509Certificate()?.raw ?? assert.fail('no certificate');
        assert.deepEqual(ends.stream.bindChannel?.('tls-server-end-point'), createHash(hash).update(seen).digest());
      });
    }
  }

  it('before TLS 1.3 only the certificate will do', { timeout }, async () => {
    await using ends = await openTls(await testContext(), { maxVersion: 'TLSv1.2' });
    assert.equal(ends.stream.bindChannel?.('tls-exporter'), undefined);
    assert.equal(ends.stream.bindChannel?.('tls-server-end-point')?.length, 32);
  });

  it('there is none by another name, and none of a connection that is gone', { timeout }, async () => {
    await using ends = await openTls(await testContext());
    for (const name of ['tls-unique', '', 'constructor']) assert.equal(ends.stream.bindChannel?.(name), undefined);
    ends.stream.destroy();
    assert.equal(ends.stream.bindChannel?.('tls-exporter'), undefined);
    assert.equal(ends.stream.bindChannel?.('tls-server-end-point'), undefined);
  });
});
