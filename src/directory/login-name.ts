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
 * `localPart@domain` in any spelling finds that address, primary or alias. A bare name is taken in `first`; where it is
 * nobody's there, or there is no `first`, it is looked for in `others` (all domains when undefined), and found when all its
 * addresses there are one account's. The look-ups are the same whether or not it is somebody's.
 */
export async function findLogin(
  reader: DirectoryReader,
  login: string,
  first: string | null,
  others?: readonly string[],
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
  const domain = first === null ? undefined : canonicalizeDomain(first);
  if (domain !== undefined) {
    const [row, elsewhere] = await Promise.all([
      reader.address(localPart, domain),
      findInDomains(reader, localPart, others ?? []),
    ]);
    return { canonical: formatAddress({ localPart, domain }), row: row ?? elsewhere };
  }
  const all = others ?? (await reader.domains()).map((row) => row.domain);
  return { canonical: localPart, row: await findInDomains(reader, localPart, all) };
}

async function findInDomains(
  reader: DirectoryReader,
  localPart: string,
  domains: readonly string[],
): Promise<AddressRow | undefined> {
  const searched = domains.slice(0, MAX_DOMAINS_SEARCHED);
  const rows = await Promise.all(searched.map((domain) => reader.address(localPart, domain)));
  const [first, ...others] = rows.filter((row) => row !== undefined);
  return others.every((row) => row.accountId === first?.accountId) ? first : undefined;
}
