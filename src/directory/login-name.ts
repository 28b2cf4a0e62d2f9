/** Whom a login means: a full address, or a name without its domain. */
import { canonicalizeDomain, canonicalizeLocalPart, formatAddress, parseAddress } from './address.ts';
import { MAX_ADDRESS_INPUT_LENGTH, MAX_DOMAINS_SEARCHED } from './limits.ts';
import type { DirectoryReader } from './ports/directory-store.ts';
import type { AddressRow } from './types.ts';

export interface LoginMatch {
  /** The login in its one canonical spelling, whether or not anyone has it. */
  readonly canonical: string;
  readonly row: AddressRow | undefined;
}

/**
 * `localPart@domain` in any spelling finds that address, primary or alias. A bare name is taken in `defaultDomain`; where
 * there is none, it is looked for in all domains and found when all its addresses there are one account's.
 */
export async function findLogin(
  reader: DirectoryReader,
  login: string,
  defaultDomain: string | null,
): Promise<LoginMatch> {
  // Normalised already for the test, since a full-width ＠ is one too.
  const folded = login.slice(0, MAX_ADDRESS_INPUT_LENGTH + 1).normalize('NFKC');
  if (folded.includes('@')) {
    const address = parseAddress(folded);
    if (address === undefined) return { canonical: folded, row: undefined };
    return { canonical: formatAddress(address), row: await reader.address(address.localPart, address.domain) };
  }

  const localPart = canonicalizeLocalPart(folded);
  if (localPart === undefined) return { canonical: folded, row: undefined };
  const domain = defaultDomain === null ? undefined : canonicalizeDomain(defaultDomain);
  if (domain !== undefined) {
    return { canonical: formatAddress({ localPart, domain }), row: await reader.address(localPart, domain) };
  }
  return { canonical: localPart, row: await findInAllDomains(reader, localPart) };
}

async function findInAllDomains(reader: DirectoryReader, localPart: string): Promise<AddressRow | undefined> {
  const domains = (await reader.domains()).slice(0, MAX_DOMAINS_SEARCHED);
  const rows = await Promise.all(domains.map(({ domain }) => reader.address(localPart, domain)));
  const [first, ...others] = rows.filter((row) => row !== undefined);
  return others.every((row) => row.accountId === first?.accountId) ? first : undefined;
}
