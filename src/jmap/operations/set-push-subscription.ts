/** A client wants to be told of changes by a push service, proves that it is, renews it, and ends it (RFC 8620 §7.2). */
import { MailError } from '#base/errors.ts';
import type { AccountId } from '#base/ids.ts';
import type { JmapTransaction } from '#jmap/ports/jmap-store.ts';
import { JMAP_STORE_LIMITS } from '#jmap/limits.ts';
import type { PushKeys, PushSubscriptionId, PushSubscriptionRow } from '#jmap/types.ts';
import { createRow, destroyRow, dueAtOf, lockRow, updateRow } from './change-row.ts';

/** `expires`: as asked for; null: as long as may be. */
export interface CreatePushSubscriptionArgs extends Pick<
  PushSubscriptionRow,
  'owner' | 'deviceClientId' | 'url' | 'keys' | 'types' | 'withSubject' | 'verificationCode'
> {
  readonly accountId: AccountId;
  readonly expires: number | null;
}

/** Not verified yet. `invalid`, `limit`. */
export async function createPushSubscription(
  tx: JmapTransaction,
  { accountId, expires, ...given }: CreatePushSubscriptionArgs,
): Promise<PushSubscriptionRow> {
  checkGiven(given);
  checkTypes(given.types);
  checkSubject(given.withSubject, given.keys);
  const { count } = await tx.lockTally(accountId, 'PushSubscription');
  if (count >= JMAP_STORE_LIMITS.pushSubscriptions)
    throw new MailError('limit', `an account has ${JMAP_STORE_LIMITS.pushSubscriptions} push subscriptions at most`);
  return createRow(tx, accountId, 'PushSubscription', (id) => ({
    ...given,
    id,
    isVerified: false,
    told: '',
    expires: boundExpiry(expires, tx.nowMs),
  }));
}

export interface PushSubscriptionName {
  readonly accountId: AccountId;
  readonly id: PushSubscriptionId;
  /** Whoever asks; absent: the server itself. */
  readonly owner?: string;
}

export interface UpdatePushSubscriptionArgs extends PushSubscriptionName {
  /** What came by the push service. */
  readonly verificationCode?: string | undefined;
  readonly expires?: number | null;
  readonly types?: readonly string[] | null | undefined;
  readonly withSubject?: boolean | undefined;
}

/** `notFound` also for another owner's; `invalid` for a code that is not the one. */
export async function updatePushSubscription(
  tx: JmapTransaction,
  args: UpdatePushSubscriptionArgs,
): Promise<PushSubscriptionRow> {
  const { accountId, verificationCode, expires, types, withSubject } = args;
  const before = await lockOwn(tx, args);
  if (verificationCode !== undefined && verificationCode !== before.verificationCode)
    throw new MailError('invalid', 'That is not the verification code', { data: { property: 'verificationCode' } });
  if (types !== undefined) checkTypes(types);
  if (withSubject !== undefined) checkSubject(withSubject, before.keys);
  const after = {
    ...before,
    isVerified: before.isVerified || verificationCode !== undefined,
    expires: expires === undefined ? before.expires : boundExpiry(expires, tx.nowMs),
    types: types === undefined ? before.types : types,
    withSubject: withSubject ?? before.withSubject,
  };
  await updateRow(tx, accountId, 'PushSubscription', after);
  return after;
}

/** `notFound` also for another owner's. */
export async function destroyPushSubscription(tx: JmapTransaction, name: PushSubscriptionName): Promise<void> {
  await destroyRow(tx, name.accountId, 'PushSubscription', await lockOwn(tx, name));
}

export interface ClaimPushArgs {
  readonly accountId: AccountId;
  readonly id: PushSubscriptionId;
  readonly from: string;
  readonly to: string;
}

/**
 * Of several front-ends that see the same change one sends it: false for the others. No change that anybody is told of,
 * or the next push would tell of this one.
 */
export async function claimPush(tx: JmapTransaction, { accountId, id, from, to }: ClaimPushArgs): Promise<boolean> {
  await tx.lockTally(accountId, 'PushSubscription');
  const [row] = await tx.rows(accountId, 'PushSubscription', { ids: [id] });
  if (row?.told !== from) return false;
  await tx.putRow(accountId, 'PushSubscription', { ...row, told: to }, dueAtOf('PushSubscription', row));
  return true;
}

/** All that were made by a sign-in that holds no more. */
export async function destroyPushOf(
  tx: JmapTransaction,
  { accountId, owner }: { readonly accountId: AccountId; readonly owner: string },
): Promise<void> {
  await tx.lockTally(accountId, 'PushSubscription');
  for (const row of await tx.rows(accountId, 'PushSubscription'))
    if (row.owner === owner) await destroyRow(tx, accountId, 'PushSubscription', row);
}

async function lockOwn(
  tx: JmapTransaction,
  { accountId, id, owner }: PushSubscriptionName,
): Promise<PushSubscriptionRow> {
  const row = await lockRow(tx, accountId, 'PushSubscription', id);
  if (owner === undefined || owner === row.owner) return row;
  throw new MailError('notFound', 'there is no PushSubscription of that id', { data: { id } });
}

function boundExpiry(expires: number | null, nowMs: number): number {
  const latest = nowMs + JMAP_STORE_LIMITS.pushKeptMs;
  return Math.min(expires ?? latest, latest);
}

function checkGiven({ deviceClientId, url, keys }: Pick<PushSubscriptionRow, 'deviceClientId' | 'url' | 'keys'>): void {
  const wrong = (property: string, message: string): never => {
    throw new MailError('invalid', message, { data: { property } });
  };
  if (deviceClientId === '' || deviceClientId.length > JMAP_STORE_LIMITS.deviceClientIdLength)
    wrong('deviceClientId', `an id has 1 to ${JMAP_STORE_LIMITS.deviceClientIdLength} characters`);
  // RFC 8620 §7.2: the URL MUST begin with https://
  if (url.length > JMAP_STORE_LIMITS.pushUrlLength || URL.parse(url)?.protocol !== 'https:')
    wrong('url', `a push service is named by https, in ${JMAP_STORE_LIMITS.pushUrlLength} characters at most`);
  if (keys !== null && !areKeys(keys)) wrong('keys', 'the keys are not those of RFC 8291');
}

function checkTypes(types: readonly string[] | null): void {
  if (types === null) return;
  if (types.length <= JMAP_STORE_LIMITS.pushTypes && types.every((type) => /^[A-Za-z]{1,50}$/.test(type))) return;
  throw new MailError('invalid', 'types are named as JMAP does', { data: { property: 'types' } });
}

function checkSubject(withSubject: boolean, keys: PushKeys | null): void {
  if (!withSubject || keys !== null) return;
  throw new MailError('invalid', 'what is told of mail is encrypted: it needs keys', {
    data: { property: 'withSubject' },
  });
}

/** RFC 8291 §3.1: an uncompressed point and 16 octets. */
function areKeys({ p256dh, auth }: PushKeys): boolean {
  if (!/^[\w-]+=*$/.test(p256dh) || !/^[\w-]+=*$/.test(auth)) return false;
  const point = Buffer.from(p256dh, 'base64url');
  return point.length === 65 && point[0] === 4 && Buffer.from(auth, 'base64url').length === 16;
}
