/** The parameters of OAuth's requests, in an address or a form. */
import { OAUTH_LIMITS } from './limits.ts';

export type Parameters = ReadonlyMap<string, string>;

/** RFC 6749 §3.1: none comes twice, and one without a value was left out. Undefined: one does, or there is too much of them. */
export function readParameters(search: URLSearchParams): Parameters | undefined {
  if (search.size > OAUTH_LIMITS.parameters) return undefined;
  const found = new Map<string, string>();
  for (const [name, value] of search) {
    if (found.has(name) || value.length > OAUTH_LIMITS.parameterLength) return undefined;
    found.set(name, value);
  }
  return new Map([...found].filter(([, value]) => value !== ''));
}
