/** What proves an account beside its password: made, used, revoked. */
import { MailError } from '#base/errors.ts';
import { MAX_FACTORS, MAX_FACTOR_NAME_LENGTH } from '#directory/limits.ts';
import type { DirectoryTransaction } from '#directory/ports/directory-store.ts';
import type { AccountId, FactorKind, FactorRow } from '#directory/types.ts';
import { requireAccount } from './require.ts';

/** `invalid` (the name), `notFound` (the account), `limit`; `alreadyExists` for an id that is taken. Of devices the oldest makes room. */
export async function addFactor(tx: DirectoryTransaction, row: Omit<FactorRow, 'createdAt'>): Promise<void> {
  const { accountId, factorId, kind } = row;
  await requireAccount(tx, accountId);
  const name = row.name.normalize('NFC').trim();
  if (name.length > MAX_FACTOR_NAME_LENGTH || /[\p{Cc}\p{Cs}]/u.test(name))
    throw new MailError('invalid', `a name has at most ${MAX_FACTOR_NAME_LENGTH} characters, none of them control`);
  const factors = await tx.lockFactors(accountId);
  if (factors.some((one) => one.factorId === factorId)) throw new MailError('alreadyExists', 'that is there already');
  const others = factors.filter((one) => one.kind === kind);
  const most = MAX_FACTORS[kind];
  if (others.length >= most && kind !== 'device' && kind !== 'former')
    throw new MailError('limit', `an account has ${most} of these at most`, { data: { most } });
  for (const { factorId: oldest } of others.slice(0, Math.max(0, others.length - most + 1)))
    await tx.deleteFactor(accountId, oldest);
  await tx.putFactor({ ...row, name, createdAt: tx.nowMs });
}

export interface UseFactorArgs extends Pick<FactorRow, 'accountId' | 'factorId' | 'usedAt' | 'usedFrom'> {
  /** What its secret has to be, and what it becomes: what may be used once is used once, whichever thread is asked. */
  readonly from: string;
  readonly to: string;
}

/** False: it is another by now, or gone. */
export async function useFactor(tx: DirectoryTransaction, args: UseFactorArgs): Promise<boolean> {
  const { accountId, factorId, usedAt, usedFrom, from, to } = args;
  const factor = (await tx.lockFactors(accountId)).find((one) => one.factorId === factorId);
  if (factor?.secret !== from) return false;
  await tx.putFactor({ ...factor, secret: to, usedAt, usedFrom });
  return true;
}

/** Those of the kinds, or the one of that id among them. Answers how many there were. */
export async function removeFactors(
  tx: DirectoryTransaction,
  args: { readonly accountId: AccountId; readonly kinds: readonly FactorKind[]; readonly factorId?: string },
): Promise<number> {
  const { accountId, kinds, factorId } = args;
  const gone = (await tx.lockFactors(accountId)).filter(
    (one) => kinds.includes(one.kind) && (factorId === undefined || one.factorId === factorId),
  );
  for (const one of gone) await tx.deleteFactor(accountId, one.factorId);
  return gone.length;
}

export async function noteFactorUse(
  tx: DirectoryTransaction,
  row: Parameters<DirectoryTransaction['noteFactorUse']>[0],
): Promise<void> {
  await tx.noteFactorUse(row);
}
