/**
 * Fetches a small text from a stranger's web server by HTTPS, with a certificate that is checked, and follows nobody
 * elsewhere. How the name is looked up, and which addresses may be asked, is passed in.
 */
import { X509Certificate } from 'node:crypto';
import { Agent, request } from 'node:https';
import { isIPv6, type LookupFunction } from 'node:net';
import type { SecureContext, TLSSocket } from 'node:tls';
import type { Clock } from '#base/clock.ts';
import { errorText } from '#base/errors.ts';
import { HTTP_LIMITS } from './limits.ts';

export type FetchedText =
  /** `text` is read as UTF-8. */
  | { readonly kind: 'fetched'; readonly status: number; readonly contentType: string; readonly text: string }
  /** `certificate`: TLS came to nothing because of it. */
  | { readonly kind: 'failed'; readonly why: 'certificate' | 'other'; readonly message: string };

export interface TextFetcherParts {
  readonly clock: Clock;
  /** Numeric addresses to try, or in words why there are none. Never rejects. */
  readonly findAddresses: (host: string) => Promise<readonly string[] | string>;
  /** Absent: the usual authorities. */
  readonly trust?: SecureContext;
  /** Another than 443 only for tests. */
  readonly port?: number;
}

/** Octets of the text, and milliseconds for all of it from the look-up on. */
export interface FetchLimits {
  readonly maxOctets: number;
  readonly timeoutMs: number;
}

/** What fetches an `https:` URL. It never rejects; a redirect is an answer like others. */
export function createTextFetcher(parts: TextFetcherParts): (url: string, limits: FetchLimits) => Promise<FetchedText> {
  const { clock, findAddresses, trust, port = 443 } = parts;
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
  return (url, { maxOctets, timeoutMs }) => {
    const { promise, resolve } = Promise.withResolvers<FetchedText>();
    const { hostname, pathname } = new URL(url);
    let socket: TLSSocket | undefined;
    const finish = (result: FetchedText): void => {
      cancel();
      resolve(result);
      asked.destroy();
    };
    const fail = (message: string): void => {
      const isOfCertificate = socket !== undefined && (socket.authorizationError ?? null) !== null;
      finish({ kind: 'failed', why: isOfCertificate ? 'certificate' : 'other', message });
    };
    const asked = request({
      hostname,
      port,
      path: pathname,
      lookup,
      agent,
      headers: { accept: 'text/plain' },
      maxHeaderSize: HTTP_LIMITS.headerBytes,
      minVersion: 'TLSv1.2',
      checkServerIdentity,
      ...(trust === undefined ? {} : { secureContext: trust }),
    });
    const cancel = clock.after(timeoutMs, () => fail(`no answer within ${timeoutMs / 1000} s`));
    asked.on('socket', (it) => (socket = it as TLSSocket));
    asked.on('error', (error) => fail(errorText(error)));
    asked.on('response', (response) => {
      const chunks: Buffer[] = [];
      let octets = 0;
      response.on('data', (chunk: Buffer) => {
        octets += chunk.length;
        if (octets > maxOctets) fail(`more than ${maxOctets} octets`);
        else chunks.push(chunk);
      });
      response.on('error', (error) => fail(errorText(error)));
      response.on('end', () => {
        const { statusCode: status = 0, headers } = response;
        const text = Buffer.concat(chunks).toString();
        finish({ kind: 'fetched', status, contentType: headers['content-type'] ?? '', text });
      });
    });
    asked.end();
    return promise;
  };
}

function toLookedUp(address: string): { address: string; family: number } {
  return { address, family: isIPv6(address) ? 6 : 4 };
}

/** RFC 8461 §3.3: by its DNS names, `*` for one whole label, never by its subject. */
function checkServerIdentity(host: string, { raw }: { readonly raw: Buffer }): Error | undefined {
  const fits = new X509Certificate(raw).checkHost(host, { subject: 'never', partialWildcards: false });
  return fits === undefined ? new Error(`the certificate is not for ${host}`) : undefined;
}
