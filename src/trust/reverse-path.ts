/** Whether a reverse path is its sender's own: whoever writes to it then answers that sender, and no stranger. */
import { domainToASCII } from 'node:url';
import { isRelated } from './checks/dkim.ts';
import type { MessageAuthentication } from './types.ts';

/**
 * SPF lets the sender use the path (RFC 7208 §2.4), or the path's organisation has signed the message. False when neither
 * is known.
 */
export function isShownByDomain(
  reversePath: string,
  { spf, dkim }: Pick<MessageAuthentication, 'spf' | 'dkim'>,
): boolean {
  if (spf.identity === 'mailfrom' && spf.result === 'pass') return true;
  const domain = domainToASCII(reversePath.slice(reversePath.lastIndexOf('@') + 1));
  // RFC 6376 §3.6.1: a key that is being tried out says nothing.
  return dkim.some((one) => one.result === 'pass' && !one.isTesting && isRelated(one.domain, domain));
}
