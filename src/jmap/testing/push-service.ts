/** A push service on loopback (RFC 8030), and a browser behind it that can read what came (RFC 8291). */
import assert from 'node:assert/strict';
import { createDecipheriv, createECDH, createPublicKey, hkdfSync, verify } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { PushKeys } from '#jmap/types.ts';
import type { makeAuthority } from '#test/harness/authority.ts';

export const PUSH_HOST = 'push.example';

export interface Push {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export class Receiver {
  readonly #curve = createECDH('prime256v1');
  readonly #auth = Buffer.alloc(16, 9);

  constructor() {
    this.#curve.generateKeys();
  }

  get keys(): PushKeys {
    return { p256dh: this.#curve.getPublicKey('base64url'), auth: this.#auth.toString('base64url') };
  }

  /** What was sent. Throws when it is not for this receiver. */
  read({ headers, body }: Push): Record<string, unknown> {
    assert.equal(headers['content-encoding'], 'aes128gcm');
    // RFC 8188 §2.1: salt, record size, key id; here the sender's public key.
    const salt = body.subarray(0, 16);
    const senderKey = body.subarray(21, 21 + (body[20] as number));
    const sealed = body.subarray(21 + senderKey.length);
    const shared = this.#curve.computeSecret(senderKey);
    const info = Buffer.concat([Buffer.from('WebPush: info\0'), this.#curve.getPublicKey(), senderKey]);
    const derive = (key: Buffer, by: Buffer, label: Buffer, length: number): Buffer =>
      Buffer.from(hkdfSync('sha256', key, by, label, length));
    const secret = derive(shared, this.#auth, info, 32);
    const key = derive(secret, salt, Buffer.from('Content-Encoding: aes128gcm\0'), 16);
    const nonce = derive(secret, salt, Buffer.from('Content-Encoding: nonce\0'), 12);
    const opened = createDecipheriv('aes-128-gcm', key, nonce).setAuthTag(sealed.subarray(-16));
    const text = Buffer.concat([opened.update(sealed.subarray(0, -16)), opened.final()]);
    assert.ok(body.length <= 4096);
    return JSON.parse(text.subarray(0, text.lastIndexOf(2)).toString()) as Record<string, unknown>;
  }
}

/** What `authorization` says of whom, once its signature holds (RFC 8292 §2). */
export function readVapid({ headers }: Push): { readonly key: string; readonly claims: Record<string, unknown> } {
  const [, token = '', key = ''] = /^vapid t=([^,]+), k=(.+)$/.exec(headers.authorization ?? '') ?? [];
  const [head = '', body = '', signature = ''] = token.split('.');
  const point = Buffer.from(key, 'base64url');
  const coordinates = {
    x: point.subarray(1, 33).toString('base64url'),
    y: point.subarray(33).toString('base64url'),
  };
  const publicKey = createPublicKey({ format: 'jwk', key: { kty: 'EC', crv: 'P-256', ...coordinates } });
  const signed = Buffer.from(`${head}.${body}`);
  const isOurs = verify(
    'sha256',
    signed,
    { key: publicKey, dsaEncoding: 'ieee-p1363' },
    Buffer.from(signature, 'base64url'),
  );
  assert.ok(isOurs);
  return { key, claims: JSON.parse(Buffer.from(body, 'base64url').toString()) };
}

type Answer = (response: ServerResponse, push: Push) => void;
const created: Answer = (response) => void response.writeHead(201).end();

/** Takes every push at PUSH_HOST. */
export async function openPushService(authority: Awaited<ReturnType<typeof makeAuthority>>) {
  const context = await authority.issue(PUSH_HOST);
  const pushes: Push[] = [];
  const sockets = new Set<Socket>();
  const state = { answer: created };
  const web = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const push = { path: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks) };
      pushes.push(push);
      state.answer(response, push);
    });
  });
  const server = createTlsServer({ SNICallback: (_, callback) => callback(null, context) }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    web.emit('connection', socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    /** All that came, in order. */
    pushes,
    /** How what comes from now on is answered; absent: as is due. */
    answerWith(answer: Answer = created) {
      state.answer = answer;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
