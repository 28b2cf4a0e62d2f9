/**
 * Which accounts a caller may use: its own, and those whose mail is shared with it as a whole (RFC 8620 §1.6.2). Others
 * are not there, whether they exist or not; one of which single mailboxes are shared is for IMAP.
 */
import type { AccountId } from '#base/ids.ts';
import { mayReadAll } from '#directory/delegation.ts';
import type { SharedAccount } from '#directory/delegation.ts';
import { MethodError } from './errors.ts';
import { formatAccountId } from './ids.ts';
import type { Access, JmapServices } from './method.ts';

interface Accounts {
  readonly services: { readonly directory: Pick<JmapServices['directory'], 'sharedWith'> };
  readonly callerId: AccountId;
}

/** Those of others, by id. */
export async function sharedAccounts({ services, callerId }: Accounts): Promise<readonly SharedAccount[]> {
  return (await services.directory.sharedWith(callerId)).filter(mayReadAll);
}

export function isReadOnly({ rights }: SharedAccount): boolean {
  return !rights.has('write');
}

/** The share an account id stands for; null: it is the caller's own. Undefined: there is no such account. */
export async function findAccount(accounts: Accounts, id: unknown): Promise<SharedAccount | null | undefined> {
  if (id === formatAccountId(accounts.callerId)) return null;
  return (await sharedAccounts(accounts)).find(({ accountId }) => formatAccountId(accountId) === id);
}

/**
 * As `findAccount`, for a method; throws MethodError `accountNotFound`, `accountNotSupportedByMethod`, `accountReadOnly`,
 * `forbidden`.
 */
export async function requireAccess(
  accounts: Accounts & { readonly services: { readonly directory: Pick<JmapServices['directory'], 'isArchived'> } },
  id: unknown,
  method: MethodAccess,
): Promise<SharedAccount | null> {
  const share = await findAccount(accounts, id);
  if (share === undefined) throw new MethodError('accountNotFound');
  const access = accessOf(method);
  if (share === null && !onlyReads(method) && (await accounts.services.directory.isArchived(accounts.callerId)))
    throw new MethodError('accountReadOnly');
  if (share === null || access === 'read') return share;
  if (access === 'own') throw new MethodError('accountNotSupportedByMethod');
  if (access === 'manage') {
    if (!share.rights.has('manage')) throw new MethodError('forbidden');
    return share;
  }
  if (isReadOnly(share)) throw new MethodError('accountReadOnly');
  return share;
}

/** By its verb, where a method does not say; one of another verb is for the caller's own account. */
export function accessOf({ name, access }: MethodAccess): Access {
  const verb = verbOf(name);
  return access ?? (READ.has(verb) ? 'read' : WRITE.has(verb) ? 'write' : 'own');
}

interface MethodAccess {
  readonly name: string;
  readonly access?: Access;
}

/** Whoever may do it: what is taken along is not changed. */
function onlyReads({ name }: MethodAccess): boolean {
  const verb = verbOf(name);
  return READ.has(verb) || verb === 'export';
}

function verbOf(name: string): string {
  return name.slice(name.indexOf('/') + 1);
}

const READ: ReadonlySet<string> = new Set(['get', 'changes', 'query', 'queryChanges', 'parse', 'lookup']);
const WRITE: ReadonlySet<string> = new Set(['set', 'import', 'copy', 'upload']);
