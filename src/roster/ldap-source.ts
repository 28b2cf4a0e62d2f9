/** People from a directory of the university's that speaks LDAP (RFC 4511), page by page (RFC 2696), as rows of a list. */
import { isIP } from 'node:net';
import { MailError, errorText } from '#base/errors.ts';
import { isLoopback } from '#base/network-address.ts';
import { LDAP_PAGE, LDAP_TIMEOUT_MS, MAX_CELL_LENGTH, MAX_ROWS } from './limits.ts';
import type { Cell, TableRow } from './table.ts';

export interface LdapSettings {
  /** `ldaps://directory.example.edu`; `ldap:` is turned to TLS before anything is said, save on this machine. */
  readonly url: string;
  /** Empty: as nobody in particular. */
  readonly bindDn: string;
  readonly password: string;
  readonly base: string;
  readonly filter: string;
  /** Which attribute is which column of a list. */
  readonly columns: readonly (readonly [attribute: string, column: string])[];
}

/**
 * The first row names the columns. `changedSince`: only what was changed from then on (milliseconds since the epoch), so a list
 * of some. `unavailable`: it does not answer, or refuses; `limit`.
 */
export async function readLdap(
  { url, bindDn, password, base, filter, columns }: LdapSettings,
  changedSince: number | null,
): Promise<readonly TableRow[]> {
  const { Client, SizeLimitExceededError } = await import('ldapts');
  const client = new Client({ url, timeout: LDAP_TIMEOUT_MS, connectTimeout: LDAP_TIMEOUT_MS });
  try {
    if (!mayStayPlain(url)) await client.startTLS({ servername: new URL(url).hostname });
    if (bindDn !== '') await client.bind(bindDn, password);
    const rows: TableRow[] = [{ row: 1, cells: columns.map(([, column]) => column), hasFormula: false }];
    const pages = client.searchPaginated(base, {
      scope: 'sub',
      filter: changedSince === null ? filter : `(&${filter}(modifyTimestamp>=${formatTimestamp(changedSince)}))`,
      attributes: columns.map(([attribute]) => attribute),
      paged: { pageSize: LDAP_PAGE },
    });
    for await (const { searchEntries } of pages) {
      for (const entry of searchEntries) {
        if (rows.length > MAX_ROWS) throw new MailError('limit', `the directory has more than ${MAX_ROWS} people`);
        const cells = columns.map(([attribute]) => toCell(valueOf(entry, attribute)));
        rows.push({ row: rows.length + 1, cells, hasFormula: false });
      }
    }
    return rows;
  } catch (error) {
    if (error instanceof MailError) throw error;
    if (error instanceof SizeLimitExceededError)
      throw new MailError(
        'unavailable',
        'the LDAP server shows roster.ldap_bind_dn only a part: raise its size limit',
        {
          cause: error,
        },
      );
    throw new MailError('unavailable', `the LDAP server did not answer as it should: ${errorText(error)}`, {
      cause: error,
    });
  } finally {
    await client.unbind().catch(() => undefined);
  }
}

/** Passwords and people go in the clear to nobody but this machine. */
function mayStayPlain(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  const address = hostname.replace(/^\[(.*)\]$/, '$1');
  return protocol === 'ldaps:' || (isIP(address) > 0 && isLoopback(address));
}

/** Attributes' names are the same in any case (RFC 4512 §2.5); of several values the first counts. */
function valueOf(entry: Readonly<Record<string, unknown>>, attribute: string): unknown {
  const name = Object.keys(entry).find((one) => one.toLowerCase() === attribute.toLowerCase());
  const value = name === undefined ? undefined : entry[name];
  return Array.isArray(value) ? (value as readonly unknown[])[0] : value;
}

function toCell(value: unknown): Cell {
  const text = Buffer.isBuffer(value) ? value.toString() : value;
  // `20270630000000Z` is a day (RFC 4517 §3.3.13).
  return typeof text === 'string'
    ? text
        .slice(0, MAX_CELL_LENGTH)
        .replace(/^(\d{8})\d{4,6}(?:\.\d+)?Z$/, '$1')
        .trim()
    : '';
}

/** RFC 4517 §3.3.13. */
function formatTimestamp(ms: number): string {
  return new Date(ms).toISOString().replaceAll(/[-:T]|\.\d+/g, '');
}
