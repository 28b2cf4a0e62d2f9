/**
 * Asks a stranger's web server by HTTPS, with a certificate that is checked, and follows nobody elsewhere. How the name
 * is looked up, and which addresses may be asked, is passed in.
 */
import { X509Certificate } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { Agent, request } from 'node:https';
import { isIP, isIPv6, type LookupFunction } from 'node:net';
import type { SecureContext, TLSSocket } from 'node:tls';
import type { Clock } from '#base/clock.ts';
import { errorText } from '#base/errors.ts';
import { HTTP_LIMITS } from './limits.ts';

export interface HttpsQuestion {
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** False: the status is all that is asked for, and what follows it is not waited for. */
  readonly wantsContent?: boolean;
}

export type HttpsAnswer =
  | {
      readonly kind: 'answered';
      readonly status: number;
      readonly headers: IncomingHttpHeaders;
      readonly octets: Buffer;
    }
  /** `certificate`: TLS came to nothing because of it. */
  | { readonly kind: 'failed'; readonly why: 'certificate' | 'other'; readonly message: string };

export interface HttpsClientParts {
  readonly clock: Clock;
  /** Numeric addresses to try, or in words why there are none. Never rejects. */
  readonly findAddresses: (host: string) => Promise<readonly string[] | string>;
  /** Absent: the usual authorities. */
  readonly trust?: SecureContext;
  /** In place of the URL's only for tests. */
  readonly port?: number;
}

/** Octets of the answer's content, and milliseconds for all of it from the look-up on. */
export interface AnswerLimits {
  readonly maxOctets: number;
  readonly timeoutMs: number;
}

export type AskHttps = (url: string, question: HttpsQuestion, limits: AnswerLimits) => Promise<HttpsAnswer>;

/** What asks at an `https:` URL. It never rejects; a redirect is an answer like others. */
export function createHttpsClient({ clock, findAddresses, trust, port }: HttpsClientParts): AskHttps {
  const lookup: LookupFunction = (host, _, callback) => {
    void findAddresses(host).then((found) => {
      // An empty list would leave the request waiting.
      if (typeof found === 'string') callback(new Error(found), []);
      else if (found.length === 0) callback(new Error(`${host} has no address`), []);
      else callback(null, found.slice(0, HTTP_LIMITS.addressesTried).map(toLookedUp));
    });
  };
  const agent = new Agent({
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: HTTP_LIMITS.addressTimeoutMs,
    // The certificate of a session taken up again would not be looked at.
    maxCachedSessions: 0,
  });
  return (url, { method, headers, body, wantsContent = true }, { maxOctets, timeoutMs }) => {
    const { promise, resolve } = Promise.withResolvers<HttpsAnswer>();
    const { hostname, pathname, search, port: named } = new URL(url);
    // It would be connected to without being looked up, and so judged by nobody.
    if (isIP(hostname) !== 0 || hostname.startsWith('['))
      return Promise.resolve({ kind: 'failed', why: 'other', message: `${hostname} is not a name` });
    let socket: TLSSocket | undefined;
    const finish = (result: HttpsAnswer): void => {
      cancel();
      resolve(result);
      asked.destroy();
    };
    const fail = (message: string): void => {
      const isOfCertificate = socket !== undefined && (socket.authorizationError ?? null) !== null;
      finish({ kind: 'failed', why: isOfCertificate ? 'certificate' : 'other', message });
    };
    const asked = request({
      method,
      hostname,
      port: port ?? (named === '' ? 443 : Number(named)),
      path: `${pathname}${search}`,
      lookup,
      agent,
      headers: body === undefined ? headers : { ...headers, 'content-length': String(body.length) },
      maxHeaderSize: HTTP_LIMITS.headerBytes,
      minVersion: 'TLSv1.2',
      checkServerIdentity,
      ...(trust === undefined ? {} : { secureContext: trust }),
    });
    const cancel = clock.after(timeoutMs, () => fail(`no answer within ${timeoutMs / 1000} s`));
    asked.on('socket', (it) => (socket = it as TLSSocket));
    asked.on('error', (error) => fail(errorText(error)));
    asked.on('response', (response) => {
      const { statusCode: status = 0 } = response;
      if (!wantsContent) {
        finish({ kind: 'answered', status, headers: response.headers, octets: Buffer.alloc(0) });
        return;
      }
      const chunks: Buffer[] = [];
      let octets = 0;
      response.on('data', (chunk: Buffer) => {
        octets += chunk.length;
        if (octets > maxOctets) fail(`more than ${maxOctets} octets`);
        else chunks.push(chunk);
      });
      response.on('error', (error) => fail(errorText(error)));
      response.on('end', () => {
        finish({ kind: 'answered', status, headers: response.headers, octets: Buffer.concat(chunks) });
      });
    });
    asked.end(body);
    return promise;
  };
}

function toLookedUp(address: string): { address: string; family: number } {
  return { address, family: isIPv6(address) ? 6 : 4 };
}

/** By its DNS names, `*` for one whole label, never by its subject: as RFC 8461 §3.3 asks. */
function checkServerIdentity(host: string, { raw }: { readonly raw: Buffer }): Error | undefined {
  const fits = new X509Certificate(raw).checkHost(host, { subject: 'never', partialWildcards: false });
  return fits === undefined ? new Error(`the certificate is not for ${host}`) : undefined;
}
