/** What a blob says it is. */

/** A media type without parameters, or the one that says nothing. */
export function safeMediaType(type: string | undefined): string {
  const plain = (type ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  return /^[a-z0-9!#$&^_.+-]{1,100}\/[a-z0-9!#$&^_.+-]{1,100}$/.test(plain) ? plain : 'application/octet-stream';
}
