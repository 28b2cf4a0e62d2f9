/**
 * Signing in at somebody else's server: the client's side of the mechanisms, octets in and octets out. How a protocol
 * writes them it does not know, nor whether the connection may see a password.
 */
import type { Random } from '#base/random.ts';

import { decodeBase64 } from './line.ts';
import { MAX_CLIENT_SCRAM_ITERATIONS } from './limits.ts';
import { prepareString } from './saslprep.ts';
import { deriveScramKeys, hmac, SHA256 } from './scram-verifier.ts';

export interface SaslCredential {
  readonly login: string;
  readonly password: string;
  /** Whose account it is to be, where that is another's (RFC 4616 §2 `authzid`); only PLAIN can say it. */
  readonly actingFor?: string;
}

/**
 * Resumed with each challenge, gives each response: the first `next()` is the initial response. It is done when it has
 * no more to say; what the server says then counts. `false`: the server must not be believed, the exchange is to be
 * cancelled.
 */
export type SaslClientScript = AsyncGenerator<Buffer, boolean, Buffer>;

export interface SaslClientMechanism {
  readonly name: string;
  /** Whether it speaks first; if not, its first response answers a challenge. */
  readonly isClientFirst: boolean;
  run(credential: SaslCredential, random: Random): SaslClientScript;
}

export const plain: SaslClientMechanism = {
  name: 'PLAIN',
  isClientFirst: true,
  async *run({ login, password, actingFor = '' }) {
    yield Buffer.from(`${actingFor}\0${login}\0${password}`);
    return true;
  },
};

/** draft-murchison-sasl-login-00: what is asked for goes by order, for servers word it as they like. */
const login: SaslClientMechanism = {
  name: 'LOGIN',
  isClientFirst: false,
  async *run(credential) {
    yield Buffer.from(credential.login);
    yield Buffer.from(credential.password);
    return true;
  },
};

/** RFC 5802 §3, RFC 7677. */
const scramSha256: SaslClientMechanism = {
  name: 'SCRAM-SHA-256',
  isClientFirst: true,
  async *run(credential, random) {
    const name = credential.login.replaceAll('=', '=3D').replaceAll(',', '=2C');
    const nonce = random.bytes(24).toString('base64');
    const firstBare = `n=${name},r=${nonce}`;
    const serverFirst = (yield Buffer.from(`n,,${firstBare}`)).toString('utf8');

    const match = /^r=([\x21-\x2b\x2d-\x7e]+),s=([A-Za-z0-9+/=]+),i=([1-9]\d{0,8})(?:,|$)/.exec(serverFirst);
    const [, serverNonce = '', saltText = '', iterationsText = ''] = match ?? [];
    const salt = decodeBase64(saltText);
    const iterations = Number(iterationsText);
    // §5.1: the nonce must begin with ours, or this is an answer to somebody else.
    if (salt === undefined || !serverNonce.startsWith(nonce) || serverNonce.length === nonce.length) return false;
    // RFC 7677 §4 asks for 4096 at least: with fewer, a false server finds the password by trying.
    if (iterations < 4096 || iterations > MAX_CLIENT_SCRAM_ITERATIONS) return false;

    const password = prepareString(credential.password) ?? credential.password;
    const keys = await deriveScramKeys(password, salt, iterations);
    const withoutProof = `c=biws,r=${serverNonce}`;
    const authMessage = `${firstBare},${serverFirst},${withoutProof}`;
    const proof = hmac(SHA256, keys.storedKey, authMessage);
    for (let i = 0; i < proof.length; i++) proof[i] = (proof[i] ?? 0) ^ (keys.clientKey[i] ?? 0);
    const serverFinal = (yield Buffer.from(`${withoutProof},p=${proof.toString('base64')}`)).toString('utf8');

    if (!serverFinal.startsWith(`v=${hmac(SHA256, keys.serverKey, authMessage).toString('base64')}`)) return false;
    yield Buffer.alloc(0);
    return true;
  },
};

/** Strongest first. */
const mechanisms: readonly SaslClientMechanism[] = [scramSha256, plain, login];

/** The strongest of those a server offers (upper case); undefined if we know none of them. */
export function chooseClientMechanism(offered: ReadonlySet<string>): SaslClientMechanism | undefined {
  return mechanisms.find(({ name }) => offered.has(name));
}
