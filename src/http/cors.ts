/** Which pages of other sites may ask (the Fetch standard's CORS): none, but those an operator names, on the paths of the API. */
import type { HttpAnswer, HttpRequest } from './types.ts';

export interface CorsSettings {
  /** `https://webmail.example.edu` each; none: off. */
  readonly origins: ReadonlySet<string>;
  /** Beginnings of paths. */
  readonly paths: readonly string[];
}

/** What the answer says about it. No credentials: cookies are for our own pages, others bring an Authorization. */
export function corsHeaders(settings: CorsSettings, request: HttpRequest): Readonly<Record<string, string>> {
  if (!isOffered(settings, request)) return {};
  const origin = request.header('origin');
  if (origin === undefined || !settings.origins.has(origin)) return { vary: 'origin' };
  return {
    vary: 'origin',
    'access-control-allow-origin': origin,
    'cross-origin-resource-policy': 'cross-origin',
    'access-control-expose-headers': 'content-disposition, content-range, etag, retry-after',
  };
}

/** What a browser asks before; undefined where that is not offered. */
export function preflightAnswer(
  settings: CorsSettings,
  request: HttpRequest,
  methods: readonly string[],
): HttpAnswer | undefined {
  if (!isOffered(settings, request) || request.header('access-control-request-method') === undefined) return undefined;
  return {
    status: 204,
    headers: {
      'access-control-allow-methods': methods.join(', '),
      'access-control-allow-headers': 'authorization, content-type, if-none-match, last-event-id, range',
      'access-control-max-age': '7200',
    },
  };
}

function isOffered({ origins, paths }: CorsSettings, { path }: HttpRequest): boolean {
  return origins.size > 0 && paths.some((beginning) => path.startsWith(beginning));
}
