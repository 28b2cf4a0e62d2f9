/** Serves a build of web pages: hashed assets for ever, the page itself for every path of its own. Reads by what is passed in. */
import { createHash } from 'node:crypto';
import { LruMap } from '#base/lru-map.ts';
import { statusAnswer } from './answers.ts';
import { chooseEncoding, compress, isText, isWorthCompressing, type Encoding } from './compress.ts';
import { HTTP_LIMITS } from './limits.ts';
import type { HttpAnswer, HttpRequest, HttpRoute } from './types.ts';

export interface StaticFiles {
  /** `assets/index-4f2a.js`, relative and with `/`: these are read, whatever is asked for. */
  readonly names: ReadonlySet<string>;
  /** Undefined: it is gone meanwhile. */
  read(name: string): Promise<Uint8Array | undefined>;
}

const TYPES: Readonly<Record<string, string>> = {
  css: 'text/css; charset=utf-8',
  html: 'text/html; charset=utf-8',
  ico: 'image/x-icon',
  jpg: 'image/jpeg',
  js: 'text/javascript; charset=utf-8',
  json: 'application/json',
  map: 'application/json',
  png: 'image/png',
  svg: 'image/svg+xml',
  txt: 'text/plain; charset=utf-8',
  wasm: 'application/wasm',
  webmanifest: 'application/manifest+json',
  webp: 'image/webp',
  woff2: 'font/woff2',
};

const SUFFIXES = { br: '.br', gzip: '.gz' } as const satisfies Record<Encoding, string>;

interface Loaded {
  readonly octets: Uint8Array;
  readonly etag: string;
}

/**
 * Everything under `mount` (`/`, `/console/`). What lies in `assets/` has the hash of its content in its name and never
 * changes; a path that names no file and has no dot in its last part is one of the page's own: it gets `index.html`. What programs ask
 * for by a well-known name (RFC 8615) is no page: they would take it for the answer.
 */
export function serveStatic(files: StaticFiles, mount = '/'): HttpRoute {
  const kept = new LruMap<string, Loaded>(files.names.size * 3 + 1, {
    maxWeight: HTTP_LIMITS.staticBytesKept,
    weigh: ({ octets }) => octets.length,
  });

  /** In the given encoding: as the build has it, or compressed here, once. */
  async function load(name: string, encoding: Encoding | undefined): Promise<Loaded | undefined> {
    const key = encoding === undefined ? name : `${name}${SUFFIXES[encoding]}`;
    const known = kept.get(key);
    if (known !== undefined) return known;
    let octets: Uint8Array | undefined;
    if (encoding === undefined || files.names.has(key)) octets = await files.read(key);
    else {
      const plain = (await load(name, undefined))?.octets;
      if (plain !== undefined && isWorthCompressing(plain.length)) octets = await compress(plain, encoding);
    }
    if (octets === undefined) return undefined;
    const etag = `"${createHash('sha256').update(octets).digest('base64url').slice(0, 22)}"`;
    const loaded = { octets, etag };
    kept.set(key, loaded);
    return loaded;
  }

  async function respond(request: HttpRequest): Promise<HttpAnswer> {
    const asked = request.params['file'] ?? '';
    const isFile = files.names.has(asked);
    const isOfPage = !/\.[^/]*$/.test(asked) && !/^(?:assets|\.well-known)\//.test(asked);
    if (!isFile && !isOfPage) return statusAnswer(404);
    const name = isFile ? asked : 'index.html';
    const contentType = TYPES[name.slice(name.lastIndexOf('.') + 1)] ?? 'application/octet-stream';
    const encoding = isText(contentType) ? chooseEncoding(request.header('accept-encoding')) : undefined;
    const packed = encoding && (await load(name, encoding));
    const loaded = packed ?? (await load(name, undefined));
    if (loaded === undefined) return statusAnswer(404);
    return {
      status: 200,
      contentType,
      headers: {
        etag: loaded.etag,
        ...(isText(contentType) ? { vary: 'accept-encoding' } : {}),
        ...(packed === undefined || encoding === undefined ? {} : { 'content-encoding': encoding }),
      },
      // The page names its assets by hash, so it alone has to be asked for again.
      cacheControl: name.startsWith('assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
      body: loaded.octets,
    };
  }

  return { method: 'GET', path: `${mount}*file`, respond };
}
