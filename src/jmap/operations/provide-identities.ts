/** Each address of an account has an identity, from the first time somebody looks, and none is of another's address. */
import type { AccountId } from '#base/ids.ts';
import type { JmapTransaction } from '#jmap/ports/jmap-store.ts';
import type { IdentityRow } from '#jmap/types.ts';
import { createRow, destroyRow, updateRow } from './change-row.ts';

/** What the directory says of an account. */
export interface Owner {
  /** What people call it. */
  readonly name: string;
  /** Its own, in canonical spelling, the primary one first. */
  readonly addresses: readonly string[];
  /** What those are called that are not called as it is, by address: they are lent by others. */
  readonly names?: Readonly<Record<string, string>>;
}

/** What identities lack that are to be those of an owner. */
export interface MissingIdentities {
  /** Those whose address is not the account's (any more). */
  readonly foreign: readonly IdentityRow[];
  /** Those that are to be called as the account is now. */
  readonly renamed: readonly IdentityRow[];
  /** Addresses without one. */
  readonly addresses: readonly string[];
}

/** Undefined: nothing. */
export function findMissing(rows: readonly IdentityRow[], owner: Owner): MissingIdentities | undefined {
  const { addresses } = owner;
  const own = new Set(addresses);
  const provided = new Set(rows.filter(({ mayDelete }) => !mayDelete).map(({ email }) => email));
  const missing = {
    foreign: rows.filter(({ email }) => !own.has(email)),
    renamed: rows.filter((row) => own.has(row.email) && !row.isNamed && row.name !== nameFor(owner, row.email)),
    addresses: addresses.filter((email) => !provided.has(email)),
  };
  return Object.values(missing).some((list) => list.length > 0) ? missing : undefined;
}

function nameFor({ name, names }: Owner, email: string): string {
  return names?.[email] ?? name;
}

export async function provideIdentities(
  tx: JmapTransaction,
  { accountId, owner }: { readonly accountId: AccountId; readonly owner: Owner },
): Promise<void> {
  await tx.lockTally(accountId, 'Identity');
  const missing = findMissing(await tx.rows(accountId, 'Identity'), owner);
  if (missing === undefined) return;
  for (const row of missing.foreign) await destroyRow(tx, accountId, 'Identity', row);
  for (const row of missing.renamed)
    await updateRow(tx, accountId, 'Identity', { ...row, name: nameFor(owner, row.email) });
  for (const email of missing.addresses) {
    const blank = { replyTo: null, bcc: null, textSignature: '', htmlSignature: '' };
    const provided = {
      ...blank,
      email,
      name: nameFor(owner, email),
      isNamed: false,
      mayDelete: false,
      isDefault: false,
    };
    await createRow(tx, accountId, 'Identity', (id) => ({ ...provided, id }));
  }
  await keepOneDefault(tx, accountId);
}

/** Where there are any, one is the default: `chosen`, or the one that was, or the oldest. */
export async function keepOneDefault(
  tx: JmapTransaction,
  accountId: AccountId,
  chosen?: IdentityRow['id'],
): Promise<void> {
  const rows = await tx.rows(accountId, 'Identity');
  const id = chosen ?? rows.find(({ isDefault }) => isDefault)?.id ?? rows[0]?.id;
  for (const row of rows) {
    const isDefault = row.id === id;
    if (row.isDefault !== isDefault) await updateRow(tx, accountId, 'Identity', { ...row, isDefault });
  }
}
