/** Who is asking, and for which host: as the connection shows it, or as a trusted proxy tells it (RFC 7239). */
import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';
import { plainAddress } from '#base/network-address.ts';

export interface Caller {
  /** Numeric. */
  readonly address: string;
  readonly isSecure: boolean;
  /** Host and port as the client named them, lower case; '' when it named none. Undefined: no host can be named so. */
  readonly authority: string | undefined;
}

export interface Connection {
  readonly address: string;
  readonly isSecure: boolean;
}

/** `requested`: the authority in the request's target, where it has one: it goes before Host (RFC 9112 §3.2.2). */
export function readCaller(
  connection: Connection,
  headers: IncomingHttpHeaders,
  requested: string | undefined,
  isTrusted: (address: string) => boolean,
): Caller {
  let { address, isSecure } = connection;
  let host = requested ?? headers.host ?? '';
  if (isTrusted(address)) {
    const told = headers['forwarded'] === undefined ? readXForwarded(headers) : readForwarded(headers['forwarded']);
    // Each proxy adds the one it was asked by at the end: what stands before a stranger's is the stranger's word.
    for (const claimed of told.addresses.toReversed()) {
      if (!isTrusted(address)) break;
      const numeric = toNumeric(claimed);
      if (numeric === undefined) break;
      address = numeric;
    }
    if (told.proto !== undefined) isSecure = told.proto.toLowerCase() === 'https';
    host = told.host ?? host;
  }
  const authority = /^(?:[a-z0-9._-]*|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i.test(host) ? host.toLowerCase() : undefined;
  return { address, isSecure, authority };
}

interface Told {
  readonly addresses: readonly string[];
  readonly proto: string | undefined;
  readonly host: string | undefined;
}

function readXForwarded(headers: IncomingHttpHeaders): Told {
  return {
    addresses: listOf(headers['x-forwarded-for']),
    proto: listOf(headers['x-forwarded-proto']).at(-1),
    host: listOf(headers['x-forwarded-host']).at(-1),
  };
}

/** RFC 7239 §4: `for=192.0.2.1;proto=https, for="[2001:db8::1]:4711"`. */
function readForwarded(value: string): Told {
  const elements = listOf(value).map(
    (element) =>
      new Map(
        element.split(';').map((pair) => {
          const [name = '', text = ''] = pair.split('=', 2);
          return [name.trim().toLowerCase(), text.trim().replace(/^"([^"]*)"$/, '$1')];
        }),
      ),
  );
  const last = elements.at(-1);
  return {
    addresses: elements.map((element) => element.get('for') ?? ''),
    proto: last?.get('proto'),
    host: last?.get('host'),
  };
}

function listOf(value: string | readonly string[] | undefined): string[] {
  const text = typeof value === 'string' ? value : (value?.join(',') ?? '');
  return text === '' ? [] : text.split(',').map((item) => item.trim());
}

/** Without port and brackets. Undefined for `unknown`, `_hidden` and whatever else is no address. */
function toNumeric(text: string): string | undefined {
  const bare = /^\[([^\]]*)\](?::\d+)?$/.exec(text)?.[1] ?? (/^[^:]*:\d+$/.test(text) ? text.split(':', 1)[0] : text);
  return bare !== undefined && isIP(bare) !== 0 ? plainAddress(bare) : undefined;
}
