/** The address of another host of ours. */

/** It is reached as this one was: by the same scheme, at the same port. */
export function addressOf(host: string, origin: string): string {
  if (!URL.canParse(origin)) return `https://${host}/`;
  const url = new URL(origin);
  url.hostname = host;
  return url.href;
}
