/** An account makes, changes and removes its identities (RFC 8621 §6.3). */
import { MailError } from '#base/errors.ts';
import type { AccountId } from '#base/ids.ts';
import type { JmapTransaction } from '#jmap/ports/jmap-store.ts';
import { JMAP_STORE_LIMITS } from '#jmap/limits.ts';
import type { IdentityId, IdentityRow, NamedAddress } from '#jmap/types.ts';
import { createRow, destroyRow, lockRow, updateRow } from './change-row.ts';
import { keepOneDefault } from './provide-identities.ts';

/** What an account says of an identity; its address never changes. */
export type IdentityWords = Pick<
  IdentityRow,
  'name' | 'replyTo' | 'bcc' | 'textSignature' | 'htmlSignature' | 'isDefault'
>;

export interface CreateIdentityArgs {
  readonly accountId: AccountId;
  /** The account's own addresses, in canonical spelling. */
  readonly addresses: readonly string[];
  readonly email: string;
  readonly words: IdentityWords;
}

/** `forbidden` for an address that is not the account's, `invalid`, `limit`. */
export async function createIdentity(tx: JmapTransaction, args: CreateIdentityArgs): Promise<IdentityRow> {
  const { accountId, addresses, email, words } = args;
  if (!addresses.includes(email)) throw new MailError('forbidden', 'The address is not one of the account');
  checkWords(words);
  await tx.lockTally(accountId, 'Identity');
  const own = (await tx.rows(accountId, 'Identity')).filter(({ mayDelete }) => mayDelete);
  if (own.length >= JMAP_STORE_LIMITS.identities)
    throw new MailError('limit', `an account makes ${JMAP_STORE_LIMITS.identities} identities at most`);
  const { id } = await createRow(tx, accountId, 'Identity', (newId) => ({
    ...pickWords(words),
    id: newId,
    email,
    isNamed: true,
    mayDelete: true,
    isDefault: false,
  }));
  await keepOneDefault(tx, accountId, words.isDefault ? id : undefined);
  return lockRow(tx, accountId, 'Identity', id);
}

export interface UpdateIdentityArgs {
  readonly accountId: AccountId;
  readonly id: IdentityId;
  readonly words: Partial<IdentityWords>;
}

/** The default one stays so until another is chosen. `notFound`, `invalid`. */
export async function updateIdentity(
  tx: JmapTransaction,
  { accountId, id, words }: UpdateIdentityArgs,
): Promise<IdentityRow> {
  const before = await lockRow(tx, accountId, 'Identity', id);
  const after = {
    ...before,
    ...pickWords({ ...before, ...words }),
    isNamed: before.isNamed || words.name !== undefined,
  };
  checkWords(after);
  await updateRow(tx, accountId, 'Identity', after);
  await keepOneDefault(tx, accountId, words.isDefault === true ? id : undefined);
  return lockRow(tx, accountId, 'Identity', id);
}

/** `notFound`; `forbidden` for the one that an address always has. */
export async function destroyIdentity(
  tx: JmapTransaction,
  { accountId, id }: { readonly accountId: AccountId; readonly id: IdentityId },
): Promise<void> {
  const row = await lockRow(tx, accountId, 'Identity', id);
  if (!row.mayDelete)
    throw new MailError('forbidden', 'Each address of an account keeps an identity', { data: { id } });
  await destroyRow(tx, accountId, 'Identity', row);
  await keepOneDefault(tx, accountId);
}

/** All but what is decided of all identities together. */
function pickWords({
  name,
  replyTo,
  bcc,
  textSignature,
  htmlSignature,
}: IdentityWords): Omit<IdentityWords, 'isDefault'> {
  return { name, replyTo, bcc, textSignature, htmlSignature };
}

function checkWords({ name, replyTo, bcc, textSignature, htmlSignature }: IdentityWords): void {
  if (!isLine(name, JMAP_STORE_LIMITS.nameLength))
    throw new MailError(
      'invalid',
      `a name has ${JMAP_STORE_LIMITS.nameLength} characters at most, none of them control`,
    );
  if (Math.max(textSignature.length, htmlSignature.length) > JMAP_STORE_LIMITS.signatureLength)
    throw new MailError('invalid', `a signature has ${JMAP_STORE_LIMITS.signatureLength} characters at most`);
  for (const list of [replyTo ?? [], bcc ?? []]) {
    if (list.length <= JMAP_STORE_LIMITS.identityAddresses && list.every(isAddress)) continue;
    throw new MailError('invalid', `Reply-To and Bcc take ${JMAP_STORE_LIMITS.identityAddresses} addresses at most`);
  }
}

function isAddress({ name, email }: NamedAddress): boolean {
  const isShort = name === null || isLine(name, JMAP_STORE_LIMITS.nameLength);
  return isShort && isLine(email, JMAP_STORE_LIMITS.addressLength) && /.@./.test(email);
}

function isLine(text: string, maxLength: number): boolean {
  return text.length <= maxLength && !/\p{Cc}/u.test(text);
}
