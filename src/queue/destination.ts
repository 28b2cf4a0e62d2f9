/** Where an address is delivered to, as the queue writes it: one spelling for each domain. */
import { domainToASCII } from 'node:url';

/** The domain in lower-case A-labels, or the address literal (`[192.0.2.1]`) as it is. */
export function canonicalDestination(address: string): string {
  const domain = address.slice(address.lastIndexOf('@') + 1).toLowerCase();
  if (domain.startsWith('[')) return domain;
  // What is no domain stays as it is: looking it up will say so, and the sender will read what was written.
  return domainToASCII(domain) || domain;
}
