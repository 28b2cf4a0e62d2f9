/** From octets to a request (RFC 8620 §3.3), or to what is wrong with them (§3.6.1). */
import { Request } from '#contract/jmap/core.ts';
import { check } from '#contract/jmap/values.ts';
import { JMAP_LIMITS } from '#jmap/limits.ts';
import { RequestError } from './errors.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Throws RequestError. What capabilities there are is asked by the caller. */
export function readRequest(octets: Uint8Array): Request {
  return checkRequest(parseJson(octets));
}

/** Throws RequestError. */
export function checkRequest(value: unknown): Request {
  const result = check(Request, value);
  if (!result.ok) throw new RequestError('urn:ietf:params:jmap:error:notRequest', result.why);
  const { methodCalls } = result.value;
  if (methodCalls.length > JMAP_LIMITS.callsInRequest) {
    throw new RequestError('urn:ietf:params:jmap:error:limit', `more than ${JMAP_LIMITS.callsInRequest} calls`, {
      limit: 'maxCallsInRequest',
    });
  }
  return result.value;
}

/** I-JSON (RFC 7493 §2) as far as it can hurt: UTF-8 without lone surrogates, and not deeper than anybody writes. */
export function parseJson(octets: Uint8Array): unknown {
  const refuse = (detail: string): RequestError => new RequestError('urn:ietf:params:jmap:error:notJSON', detail);
  let text: string;
  try {
    text = utf8.decode(octets);
  } catch {
    throw refuse('not UTF-8');
  }
  if (depthOf(text) > JMAP_LIMITS.jsonDepth) throw refuse(`nested deeper than ${JMAP_LIMITS.jsonDepth} levels`);
  try {
    // Escaped surrogates are rare: only where one stands is every string looked at.
    if (!/\\u[dD][89a-fA-F]/.test(text)) return JSON.parse(text);
    return JSON.parse(text, (_, value: unknown) => {
      if (typeof value === 'string' && !value.isWellFormed()) throw new SyntaxError('half a surrogate pair');
      return value;
    });
  } catch (error) {
    throw refuse(error instanceof SyntaxError ? error.message.slice(0, 200) : 'not JSON');
  }
}

/** How deep arrays and objects are nested, brackets in strings aside. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let isInString = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (isInString) {
      if (code === 0x5c) i++;
      else if (code === 0x22) isInString = false;
    } else if (code === 0x22) isInString = true;
    else if (code === 0x5b || code === 0x7b) deepest = Math.max(deepest, ++depth);
    else if (code === 0x5d || code === 0x7d) depth--;
  }
  return deepest;
}
