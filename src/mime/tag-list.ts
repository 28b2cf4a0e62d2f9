/** Tag lists (RFC 6376 §3.2): `v=1; a=rsa-sha256; …`, as DKIM's signatures and keys, ARC and MTA-STS write them. */

/**
 * The tags by name, in order; values without white space around them. Undefined when it is no tag list: a name that is
 * none, no `=`, or a name twice, which RFC 6376 says spoils the whole.
 */
export function parseTagList(text: string): ReadonlyMap<string, string> | undefined {
  const tags = new Map<string, string>();
  const parts = text.split(';');
  for (const [index, part] of parts.entries()) {
    const equals = part.indexOf('=');
    if (equals === -1) {
      // The last semicolon may stand at the end.
      if (index === parts.length - 1 && part.trim() === '') continue;
      return undefined;
    }
    const name = part.slice(0, equals).trim();
    if (!/^[A-Za-z][A-Za-z0-9_]*$/.test(name) || tags.has(name)) return undefined;
    tags.set(name, part.slice(equals + 1).trim());
  }
  return tags;
}

/** A value in which white space means nothing (b=, bh=, p=). */
export function withoutBlanks(value: string): string {
  return value.replace(/[ \t\r\n]+/g, '');
}

/** `a:b:c` in lower case. */
export function splitList(value: string): string[] {
  return withoutBlanks(value.toLowerCase()).split(':');
}

/** The octets of a base64 text, or undefined when it is none. */
export function decodeBase64(text: string): Buffer | undefined {
  return /^[A-Za-z0-9+/]+={0,2}$/.test(text) ? Buffer.from(text, 'base64') : undefined;
}
