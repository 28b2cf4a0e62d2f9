/** People of the roster, each with an account of their own or none; all of a list or nobody. */
import { MailError } from '#base/errors.ts';
import type { AccountId } from '#base/ids.ts';
import { MAX_PEOPLE_AT_ONCE, MAX_ROSTER_TEXT_LENGTH } from '#directory/limits.ts';
import type { DirectoryTransaction } from '#directory/ports/directory-store.ts';
import { canonicalizeNumber } from '#directory/roster-number.ts';
import type { Address } from '#directory/address.ts';
import type { AccountStage, CredentialId, PersonId, PersonRow } from '#directory/types.ts';
import { requireAccount, requireDisplayName, requireNewAddress } from './require.ts';

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
  const persons = await enrol(tx, people);
  return persons.map(({ personId, accountId }) => ({ personId, accountId }));
}

/** The same, with all that is then known of them. */
export async function enrol(tx: DirectoryTransaction, people: readonly Enrolment[]): Promise<readonly PersonRow[]> {
  if (people.length === 0) return [];
  const described = people.map(({ person }) => describe(person, tx.nowMs));
  const wanted = people.flatMap(({ account }, index) =>
    account === null ? [] : [{ ...account, displayName: described[index]?.name ?? '' }],
  );
  const opened = (await openAccounts(tx, wanted)).values();
  for (const { account, person } of people)
    if (account === null && person.accountId !== null) await requireAccount(tx, person.accountId);
  const firstId = await tx.allocatePersonId(people.length);
  const persons = described.map((person, index): PersonRow => {
    const accountId = people[index]?.account === null ? person.accountId : (opened.next().value ?? null);
    return { ...person, personId: (firstId + index) as PersonId, accountId };
  });
  await tx.insertPersons(persons);
  return persons;
}

function describe(person: Enrolment['person'], nowMs: number): Omit<PersonRow, 'personId'> {
  const number = canonicalizeNumber(person.number);
  if (number === undefined)
    throw new MailError('invalid', 'not a number of the roster', { data: { number: person.number } });
  const name = requireDisplayName(person.name);
  if (name === '') throw new MailError('invalid', 'a person has a name', { data: { number } });
  return {
    ...person,
    number,
    name,
    englishName: requireDisplayName(person.englishName),
    unit: requireRosterText(person.unit),
    level: requireRosterText(person.level),
    updatedAt: nowMs,
  };
}

/** In their order. */
async function openAccounts(
  tx: DirectoryTransaction,
  wanted: readonly (NonNullable<Enrolment['account']> & { readonly displayName: string })[],
): Promise<readonly AccountId[]> {
  if (wanted.length === 0) return [];
  const { nowMs } = tx;
  const addresses = wanted.map(({ address }) => requireNewAddress(address));
  const firstId = await tx.allocateAccountId(wanted.length);
  const firstCredentialId = await tx.allocateCredentialId(wanted.length);
  const accountIds = wanted.map((_, index) => (firstId + index) as AccountId);
  const each = <Row>(row: (one: (typeof wanted)[number], accountId: AccountId, index: number) => Row): Row[] =>
    wanted.map((one, index) => row(one, accountIds[index] as AccountId, index));
  await tx.insertAccounts(
    each(({ displayName, stage }, accountId) => ({
      accountId,
      displayName,
      stage,
      state: 'active',
      receives: true,
      serviceClass: null,
      sending: 'allowed',
      sendingNote: '',
      createdAt: nowMs,
    })),
  );
  await tx.insertAddresses(
    each((_, accountId, index) => ({
      ...(addresses[index] as Address),
      accountId,
      kind: 'primary',
      createdAt: nowMs,
    })),
  );
  await tx.insertCredentials(
    each(({ initialVerifier, initialExpiresAt }, accountId, index) => ({
      accountId,
      credentialId: (firstCredentialId + index) as CredentialId,
      kind: 'initial',
      verifier: initialVerifier,
      scramSha256: null,
      changedAt: nowMs,
      mustChange: true,
      expiresAt: initialExpiresAt,
    })),
  );
  return accountIds;
}

export function requireRosterText(text: string): string {
  const folded = text.normalize('NFC').trim();
  if (folded.length > MAX_ROSTER_TEXT_LENGTH || /[\p{Cc}\p{Cs}]/u.test(folded))
    throw new MailError('invalid', `at most ${MAX_ROSTER_TEXT_LENGTH} characters, none of them control`);
  return folded;
}
