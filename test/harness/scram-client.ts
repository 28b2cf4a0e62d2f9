/** The client's side of SCRAM-SHA-256 (RFC 5802 §3), by node:crypto alone: nothing of what it tests is used. */
import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';

export interface ScramClientOptions {
  readonly login: string;
  readonly password: string;
  /** `n,,` when absent. */
  readonly gs2Header?: string;
  /** What `c=` carries after the header. */
  readonly binding?: Buffer;
}

export interface ScramFinal {
  readonly salt: string;
  readonly iterations: string;
  /** The client's final message. */
  readonly message: string;
  /** What a server that knows the account answers. */
  readonly serverFinal: string;
}

export class ScramClient {
  readonly first: string;
  readonly #bare: string;
  readonly #password: string;
  readonly #channel: string;

  constructor({ login, password, gs2Header = 'n,,', binding = Buffer.alloc(0) }: ScramClientOptions) {
    this.#bare = `n=${login},r=abcdef`;
    this.first = gs2Header + this.#bare;
    this.#password = password;
    this.#channel = Buffer.concat([Buffer.from(gs2Header), binding]).toString('base64');
  }

  answer(serverFirst: string): ScramFinal {
    const [, nonce = '', salt = '', iterations = ''] = /^r=(.*),s=(.*),i=(.*)$/.exec(serverFirst) ?? [];
    const salted = pbkdf2Sync(this.#password, Buffer.from(salt, 'base64'), Number(iterations), 32, 'sha256');
    const clientKey = hmac(salted, 'Client Key');
    const withoutProof = `c=${this.#channel},r=${nonce}`;
    const authMessage = `${this.#bare},${serverFirst},${withoutProof}`;
    const signature = hmac(createHash('sha256').update(clientKey).digest(), authMessage);
    const proof = Buffer.from(clientKey.map((octet, i) => octet ^ (signature[i] ?? 0)));
    return {
      salt,
      iterations,
      message: `${withoutProof},p=${proof.toString('base64')}`,
      serverFinal: `v=${hmac(hmac(salted, 'Server Key'), authMessage).toString('base64')}`,
    };
  }
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
