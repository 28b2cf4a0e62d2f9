/** People of the roster, each with an account of their own or none; all of a list or nobody. */
import { MailError } from '#base/errors.ts';
import type { AccountId } from '#base/ids.ts';
import { MAX_PEOPLE_AT_ONCE, MAX_ROSTER_TEXT_LENGTH } from '#directory/limits.ts';
import type { DirectoryTransaction } from '#directory/ports/directory-store.ts';
import { canonicalizeNumber } from '#directory/roster-number.ts';
import type { AccountStage, PersonId, PersonRow } from '#directory/types.ts';
import { insertNewAddress, requireAccount, requireDisplayName } from './require.ts';

export interface Enrolment {
  readonly person: Omit<PersonRow, 'personId' | 'updatedAt'>;
  /** Opened for them; null: the account that the person names, or none. */
  readonly account: {
    readonly address: string;
    readonly stage: AccountStage;
    /** Of what was given out (`hashInitial`). */
    readonly initialVerifier: string;
    readonly initialExpiresAt: number | null;
  } | null;
}

export interface Enrolled {
  readonly personId: PersonId;
  readonly accountId: AccountId | null;
}

/** In the order of `people`. `invalid`, `notFound` (domain, account), `alreadyExists` (number, address), `limit`. */
export async function enrolPeople(
  tx: DirectoryTransaction,
  { people }: { readonly people: readonly Enrolment[] },
): Promise<readonly Enrolled[]> {
  if (people.length > MAX_PEOPLE_AT_ONCE) throw new MailError('limit', `at most ${MAX_PEOPLE_AT_ONCE} people at once`);
  const enrolled: Enrolled[] = [];
  for (const one of people) enrolled.push(await enrol(tx, one));
  return enrolled;
}

/** One of them: see there. */
export async function enrol(tx: DirectoryTransaction, { person, account }: Enrolment): Promise<Enrolled> {
  const number = canonicalizeNumber(person.number);
  if (number === undefined)
    throw new MailError('invalid', 'not a number of the roster', { data: { number: person.number } });
  const name = requireDisplayName(person.name);
  if (name === '') throw new MailError('invalid', 'a person has a name', { data: { number } });
  let { accountId } = person;
  if (account !== null) accountId = await openAccount(tx, name, account);
  else if (accountId !== null) await requireAccount(tx, accountId);
  const personId = await tx.allocatePersonId();
  await tx.insertPerson({
    ...person,
    personId,
    number,
    name,
    accountId,
    englishName: requireDisplayName(person.englishName),
    unit: requireRosterText(person.unit),
    level: requireRosterText(person.level),
    updatedAt: tx.nowMs,
  });
  return { personId, accountId };
}

async function openAccount(
  tx: DirectoryTransaction,
  displayName: string,
  { address, stage, initialVerifier, initialExpiresAt }: NonNullable<Enrolment['account']>,
): Promise<AccountId> {
  const accountId = await tx.allocateAccountId();
  await tx.insertAccount({
    accountId,
    displayName,
    stage,
    state: 'active',
    receives: true,
    serviceClass: null,
    sending: 'allowed',
    sendingNote: '',
    createdAt: tx.nowMs,
  });
  await insertNewAddress(tx, address, accountId, 'primary');
  await tx.insertCredential({
    accountId,
    credentialId: await tx.allocateCredentialId(),
    kind: 'initial',
    verifier: initialVerifier,
    scramSha256: null,
    changedAt: tx.nowMs,
    mustChange: true,
    expiresAt: initialExpiresAt,
  });
  return accountId;
}

export function requireRosterText(text: string): string {
  const folded = text.normalize('NFC').trim();
  if (folded.length > MAX_ROSTER_TEXT_LENGTH || /[\p{Cc}\p{Cs}]/u.test(folded))
    throw new MailError('invalid', `at most ${MAX_ROSTER_TEXT_LENGTH} characters, none of them control`);
  return folded;
}
