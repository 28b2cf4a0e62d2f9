/**
 * Sign-in by an OAuth access token: OAUTHBEARER (RFC 7628), and XOAUTH2, its predecessor at Google, which older clients
 * speak. What a token says, and whether it is good, is the authority's to judge.
 */
import { MAX_IDENTITY_OCTETS, MAX_LINE_OCTETS, MAX_TOKEN_OCTETS } from '#sasl/limits.ts';
import { judgeBearer, malformed, receive } from '#sasl/mechanism.ts';
import type { BearerDiscovery, SaslMechanism } from '#sasl/mechanism.ts';
import { parseGs2Header } from '#sasl/gs2-header.ts';
import { decodeText } from '#sasl/text.ts';

interface BearerMessage {
  readonly authzid: string;
  readonly token: string;
}

interface BearerOptions {
  readonly name: string;
  readonly parse: (message: string) => BearerMessage | undefined;
  /** What a client is told whose token was refused, so that it gets another. */
  readonly describeRefusal: (discovery: BearerDiscovery) => object;
}

function createBearer({ name, parse, describeRefusal }: BearerOptions): SaslMechanism {
  return {
    name,
    plaintext: true,
    needs: 'bearer',
    *run() {
      const text = decodeText(yield* receive(Buffer.alloc(0)), MAX_LINE_OCTETS);
      const message = text === undefined ? undefined : parse(text);
      if (message === undefined) return malformed;
      const { discovery, ...result } = yield* judgeBearer(message.token, message.authzid);
      // Only what another token could mend is told so; the other refusals end the exchange.
      if (!result.ok && result.reason === 'invalidCredentials') {
        // RFC 7628 §3.2.3: the client answers by one octet without meaning (XOAUTH2: by nothing), and has failed.
        yield* receive(Buffer.from(JSON.stringify(describeRefusal(discovery ?? {}))));
      }
      return result;
    },
  };
}

export const oauthBearer: SaslMechanism = createBearer({
  name: 'OAUTHBEARER',
  parse(text) {
    const header = parseGs2Header(text);
    // RFC 7628 §3.1: there is no form of it that is bound to the channel.
    if (header === undefined || typeof header.binding === 'object') return undefined;
    const pairs = parsePairs(text.slice(header.length), '\x01');
    const token = parseScheme(pairs?.get('auth'));
    return token === undefined ? undefined : { authzid: header.authzid, token };
  },
  describeRefusal: ({ status = 'invalid_token', scope, openIdConfiguration }) => ({
    status,
    scope,
    'openid-configuration': openIdConfiguration,
  }),
});

export const xoauth2: SaslMechanism = createBearer({
  name: 'XOAUTH2',
  parse(text) {
    const pairs = parsePairs(text, '');
    const authzid = pairs?.get('user');
    const token = parseScheme(pairs?.get('auth'));
    if (!authzid || Buffer.byteLength(authzid) > MAX_IDENTITY_OCTETS || token === undefined) return undefined;
    return { authzid, token };
  },
  describeRefusal: ({ scope }) => ({ status: '401', schemes: 'bearer', scope }),
});

/** RFC 7628 §3.1: `key=value` each ended by a control-A, another at the end of all. A key may come once. */
function parsePairs(text: string, start: string): ReadonlyMap<string, string> | undefined {
  if (!text.startsWith(start) || !text.endsWith('\x01\x01')) return undefined;
  const pairs = new Map<string, string>();
  for (const pair of text.slice(start.length, -2).split('\x01')) {
    const equals = pair.indexOf('=');
    const key = pair.slice(0, Math.max(equals, 0));
    if (!/^[A-Za-z]+$/.test(key) || pairs.has(key)) return undefined;
    pairs.set(key, pair.slice(equals + 1));
  }
  return pairs;
}

/** RFC 6750 §2.1: `Bearer` in any case, a blank, the token. */
function parseScheme(value: string | undefined): string | undefined {
  const match = /^Bearer ([A-Za-z0-9._~+/-]+=*)$/i.exec(value ?? '');
  return match?.[1] !== undefined && match[1].length <= MAX_TOKEN_OCTETS ? match[1] : undefined;
}
