/** What a message says of the list it came by (RFC 2369, RFC 2919). */
import { formatAddress } from '#directory/address.ts';
import type { GroupRow } from '#directory/types.ts';
import { formatAddressField, formatHeaderField } from '#mime/compose.ts';
import { parseHeader } from '#mime/header.ts';

/** Where bounces of a group's mail go: to its owners, never to the author. */
export function bounceAddress({ localPart, domain }: GroupRow): string {
  return formatAddress({ localPart: `${localPart}-bounces`, domain });
}

/** To be put before the header of a list's message: not among what DKIM signs, so that the author's signature holds. */
export function formatListFields(group: GroupRow): string {
  const { localPart, domain, displayName, posting } = group;
  const request = mailto(`${localPart}-request`, domain);
  // RFC 2369 §3.4: NO where most readers could not write to it.
  const post = posting === 'named' ? 'NO' : `<${mailto(localPart, domain)}>`;
  return (
    formatAddressField('List-Id', [{ name: displayName || localPart, email: listId(group) }]) +
    formatHeaderField('List-Post', post) +
    formatHeaderField('List-Unsubscribe', `<${request}?subject=unsubscribe>`) +
    formatHeaderField('List-Owner', `<${request}>`) +
    formatHeaderField('Precedence', 'list')
  );
}

/** Whether the message has been through the group: it would go round for ever. */
export function cameByList(octets: Buffer, group: GroupRow): boolean {
  const ending = `<${listId(group)}>`;
  const header = parseHeader(octets);
  return header.all('list-id').some((value) => value.trimEnd().toLowerCase().endsWith(ending));
}

/** RFC 2919 §3: case does not count. */
function listId({ localPart, domain }: GroupRow): string {
  return `${localPart}.${domain}`;
}

function mailto(localPart: string, domain: string): string {
  return `mailto:${encodeURIComponent(localPart)}@${domain}`;
}
