/** An account's identities as JMAP has them (RFC 8621 §6). */
import type { Identity } from '#contract/jmap/identity.ts';
import { addressInstead } from '#directory/domain-lives.ts';
import { writesAs } from '#directory/delegation.ts';
import { MethodError } from '#jmap/core/errors.ts';
import type { JmapServices, MethodContext } from '#jmap/core/method.ts';
import type { IdentityRow } from '#jmap/types.ts';
import { formatRowId } from '#jmap/row-ids.ts';

/** Whose identities, and where they are read. */
export interface IdentitySource extends Pick<MethodContext, 'accountId'> {
  readonly services: {
    readonly records: Pick<JmapServices['records'], 'identities'>;
    readonly directory: Pick<JmapServices['directory'], 'account' | 'senderStanding' | 'sharedWith'>;
  };
}

/** Those it has, one for each of its addresses among them, and for that of each account it may write as. */
export async function readIdentities(
  source: IdentitySource,
): Promise<{ readonly state: string; readonly rows: readonly IdentityRow[]; readonly addresses: readonly string[] }> {
  const { accountId, services } = source;
  const [account, standing] = await Promise.all([
    services.directory.account(accountId),
    services.directory.senderStanding(accountId),
  ]);
  if (account === undefined || standing === undefined) throw new MethodError('accountNotFound');
  const lent = (await services.directory.sharedWith(accountId)).filter((share) => writesAs(share) !== undefined);
  const addresses = [...standing.addresses, ...lent.map(({ address }) => address)];
  const names = Object.fromEntries(lent.map(({ address, displayName }) => [address, displayName]));
  const owner = { name: account.displayName, addresses, ...(lent.length === 0 ? {} : { names }) };
  const { state, rows } = await services.records.identities(accountId, owner);
  return { state: String(state), rows, addresses };
}

/** Which one mail is written from (domain.md S-27), and whether it is so for good. */
export interface DefaultIdentity {
  readonly id: IdentityRow['id'] | undefined;
  readonly isFixed: boolean;
}

/**
 * That of the address chosen for good, or of the one signed in with; of several with that address the one marked. An
 * account of others has the one that is marked.
 */
export async function findDefault(
  { services, caller, accountId, share }: MethodContext,
  rows: readonly IdentityRow[],
): Promise<DefaultIdentity> {
  const marked = rows.find(({ isDefault }) => isDefault)?.id;
  if (share !== undefined) return { id: marked, isFixed: true };
  const chosen = await services.directory.defaultSender(accountId);
  const wanted = chosen ?? caller.login;
  const sunset = services.directory.lives.blockedSender(wanted);
  const emails = rows.map(({ email }) => email);
  const email = (sunset && addressInstead(sunset, wanted, emails)) ?? wanted;
  const fitting = rows.filter((row) => row.email === email);
  const id = (fitting.find(({ isDefault }) => isDefault) ?? fitting[0])?.id ?? marked;
  return { id, isFixed: chosen !== null };
}

export function toIdentity({ accountId }: MethodContext, row: IdentityRow, found: DefaultIdentity): Identity {
  const { id, name, email, replyTo, bcc, textSignature, htmlSignature, mayDelete } = row;
  const isDefault = id === found.id;
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
    isFixed: isDefault && found.isFixed,
  };
}
