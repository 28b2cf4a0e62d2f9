/** An account's identities as JMAP has them (RFC 8621 §6). */
import type { Identity } from '#contract/jmap/identity.ts';
import { MethodError } from '#jmap/core/errors.ts';
import type { JmapServices, MethodContext } from '#jmap/core/method.ts';
import type { IdentityRow } from '#jmap/types.ts';
import { formatRowId } from '#jmap/row-ids.ts';

/** Whose identities, and where they are read. */
export interface IdentitySource extends Pick<MethodContext, 'accountId'> {
  readonly services: {
    readonly records: Pick<JmapServices['records'], 'identities'>;
    readonly directory: Pick<JmapServices['directory'], 'account' | 'senderStanding'>;
  };
}

/** Those it has, one for each of its addresses among them; the default one first. */
export async function readIdentities(
  source: IdentitySource,
): Promise<{ readonly state: string; readonly rows: readonly IdentityRow[]; readonly addresses: readonly string[] }> {
  const { accountId, services } = source;
  const [account, standing] = await Promise.all([
    services.directory.account(accountId),
    services.directory.senderStanding(accountId),
  ]);
  if (account === undefined || standing === undefined) throw new MethodError('accountNotFound');
  const { addresses } = standing;
  const { state, rows } = await services.records.identities(accountId, { name: account.displayName, addresses });
  const byRank = rows.toSorted((a, b) => Number(b.isDefault) - Number(a.isDefault));
  return { state: String(state), rows: byRank, addresses };
}

export function toIdentity({ accountId }: MethodContext, row: IdentityRow): Identity {
  const { id, name, email, replyTo, bcc, textSignature, htmlSignature, mayDelete, isDefault } = row;
  return {
    id: formatRowId('Identity', accountId, id),
    name,
    email,
    replyTo,
    bcc,
    textSignature,
    htmlSignature,
    mayDelete,
    isDefault,
  };
}
