/** The checks that several operations share: what is not as it must be becomes a MailError. */
import { MailError } from '#base/errors.ts';
import type { DkimKey } from '#trust/dkim-keys.ts';

/** Which key is meant. */
export interface KeyName {
  readonly domain: string;
  readonly selector: string;
}

export function requireKey(keys: readonly DkimKey[], { domain, selector }: KeyName): DkimKey {
  const key = keys.find((one) => one.selector === selector);
  if (key === undefined) {
    throw new MailError('notFound', `${domain} has no key ${selector}`, { data: { domain, selector } });
  }
  return key;
}
