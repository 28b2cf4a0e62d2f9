/** The domain that stands for a message's author: by it DMARC judges what comes in, and DKIM signs what leaves. */
import { domainToASCII } from 'node:url';
import { parseAddressList } from '#mime/address.ts';
import type { HeaderFields } from '#mime/header.ts';

/** Who the message says wrote it: one domain, or why there is none. */
export type AuthorDomain = { readonly domain: string } | { readonly domain: undefined; readonly why: string };

/**
 * RFC 7489 §6.6.1: exactly one From field, all of whose mailboxes are of one domain. Read as mail clients here read it,
 * so that what is judged is what is shown.
 */
export function readAuthorDomain(headers: HeaderFields): AuthorDomain {
  const fields = headers.all('from');
  if (fields.length !== 1) return none(fields.length === 0 ? 'no From field' : 'several From fields');
  const mailboxes = parseAddressList(fields[0] ?? '').entries.flatMap((entry) =>
    entry.kind === 'mailbox' ? [entry] : [],
  );
  const domains = new Set<string>();
  for (const { email, domain, localPart } of mailboxes) {
    const name = domainToASCII(domain).toLowerCase().replace(/\.$/, '');
    // An address with two @ outside quotes is read as either by some client.
    const isPlain = !localPart.includes('@') && email.length > 0;
    if (!isPlain || !/^[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/.test(name)) return none('an author without a domain');
    domains.add(name);
  }
  const [domain] = domains;
  if (domain === undefined) return none('no author in From');
  return domains.size === 1 ? { domain } : none('authors of several domains');
}

function none(why: string): AuthorDomain {
  return { domain: undefined, why };
}
