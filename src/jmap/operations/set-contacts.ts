/** An account makes, changes and removes its address books and the cards in them (RFC 9610 §2.3, 3.5). */
import { MailError } from '#base/errors.ts';
import type { AccountId } from '#base/ids.ts';
import type { JmapTransaction } from '#jmap/ports/jmap-store.ts';
import { JMAP_STORE_LIMITS } from '#jmap/limits.ts';
import type { AddressBookId, AddressBookRow, CardId, CardRow } from '#jmap/types.ts';
import { createRow, createRows, destroyRow, lockRow, updateRow } from './change-row.ts';

/** What an account says of a book. */
export type BookWords = Pick<AddressBookRow, 'name' | 'description' | 'sortOrder'>;

const FIRST_BOOK: BookWords = { name: '个人通讯录', description: null, sortOrder: 0 };

/** Makes the default book where there is none. */
export async function provideAddressBook(
  tx: JmapTransaction,
  { accountId }: { readonly accountId: AccountId },
): Promise<void> {
  const { count } = await tx.lockTally(accountId, 'AddressBook');
  if (count > 0) return;
  await createRow(tx, accountId, 'AddressBook', (id) => ({ ...FIRST_BOOK, id, isDefault: true }));
}

export interface CreateAddressBookArgs {
  readonly accountId: AccountId;
  readonly words: BookWords;
}

/** `invalid`, `limit`. */
export async function createAddressBook(
  tx: JmapTransaction,
  { accountId, words }: CreateAddressBookArgs,
): Promise<AddressBookRow> {
  checkBook(words);
  await provideAddressBook(tx, { accountId });
  const { count } = await tx.lockTally(accountId, 'AddressBook');
  if (count >= JMAP_STORE_LIMITS.addressBooks)
    throw new MailError('limit', `an account has ${JMAP_STORE_LIMITS.addressBooks} address books at most`);
  return createRow(tx, accountId, 'AddressBook', (id) => ({ ...words, id, isDefault: false }));
}

export interface UpdateAddressBookArgs {
  readonly accountId: AccountId;
  readonly id: AddressBookId;
  readonly words?: BookWords;
  /** The one that was the default is so no longer. */
  readonly becomesDefault?: boolean;
}

/** `notFound`, `invalid`. */
export async function updateAddressBook(
  tx: JmapTransaction,
  { accountId, id, words, becomesDefault = false }: UpdateAddressBookArgs,
): Promise<void> {
  const row = await lockRow(tx, accountId, 'AddressBook', id);
  if (words !== undefined) checkBook(words);
  await updateRow(tx, accountId, 'AddressBook', { ...row, ...words, isDefault: row.isDefault || becomesDefault });
  if (!becomesDefault) return;
  for (const other of await tx.rows(accountId, 'AddressBook'))
    if (other.isDefault && other.id !== id)
      await updateRow(tx, accountId, 'AddressBook', { ...other, isDefault: false });
}

export interface DestroyAddressBookArgs {
  readonly accountId: AccountId;
  readonly id: AddressBookId;
  /** Cards that are in no other book go, too. */
  readonly withCards: boolean;
}

/** `notFound`; `inUse` when cards are in it; `forbidden` for the default one. */
export async function destroyAddressBook(
  tx: JmapTransaction,
  { accountId, id, withCards }: DestroyAddressBookArgs,
): Promise<void> {
  const row = await lockRow(tx, accountId, 'AddressBook', id);
  if (row.isDefault) throw new MailError('forbidden', 'an account keeps its default address book', { data: { id } });
  await tx.lockTally(accountId, 'ContactCard');
  const cards = (await tx.rows(accountId, 'ContactCard')).filter(({ books }) => books.includes(id));
  if (cards.length > 0 && !withCards)
    throw new MailError('inUse', 'there are cards in the address book', { data: { id } });
  for (const card of cards) {
    const books = card.books.filter((book) => book !== id);
    if (books.length === 0) await removeCard(tx, accountId, card);
    else await replaceCard(tx, accountId, card, { ...card, books });
  }
  await destroyRow(tx, accountId, 'AddressBook', row);
}

/** A card to be, and which books it is to be in; none: the default one. */
export type NewCard = Omit<CardRow, 'id'>;

export interface CreateCardsArgs {
  readonly accountId: AccountId;
  readonly items: readonly NewCard[];
}

/** Why one of several was not made. `id`: of the card that has its uid. */
export interface CardRefusal {
  readonly code: 'alreadyExists' | 'invalid' | 'tooLarge' | 'limit';
  readonly why: string;
  readonly id?: CardId;
}

/** Of each what it became. Many at once, because whether a uid is taken is asked of all there are. */
export async function createCards(
  tx: JmapTransaction,
  { accountId, items }: CreateCardsArgs,
): Promise<readonly (CardRow | CardRefusal)[]> {
  await provideAddressBook(tx, { accountId });
  const { state, count, sizeBytes } = await tx.lockTally(accountId, 'ContactCard');
  const idOf = new Map((await tx.rows(accountId, 'ContactCard')).map(({ id, card }) => [card.uid, id]));
  const known = await tx.rows(accountId, 'AddressBook');
  const made: CardRow[] = [];
  let addedBytes = 0;
  const outcomes = items.map((item) => {
    const outcome = judgeCard(item);
    if ('code' in outcome) return outcome;
    made.push(outcome);
    idOf.set(outcome.card.uid, outcome.id);
    addedBytes += octetsOf(outcome);
    return outcome;
  });
  if (made.length > 0) await createRows(tx, accountId, 'ContactCard', made, addedBytes);
  return outcomes;

  function judgeCard({ card, books }: NewCard): CardRow | CardRefusal {
    const id = idOf.get(card.uid);
    if (id !== undefined) return { code: 'alreadyExists', why: 'there is a card of that uid', id };
    const placed = chooseBooks(known, books);
    if (placed === undefined) return NO_SUCH_BOOK;
    if (count + made.length >= JMAP_STORE_LIMITS.cards)
      return { code: 'limit', why: `an account has ${JMAP_STORE_LIMITS.cards} contacts at most` };
    const row = { id: (state + made.length + 1) as CardId, books: placed, card };
    return judgeOctets(0, octetsOf(row), sizeBytes + addedBytes) ?? row;
  }
}

export interface UpdateCardArgs extends CardRow {
  readonly accountId: AccountId;
}

/** In place of what was there; its uid stays (RFC 9553 §2.1.9). `notFound`, `invalid`, `tooLarge`, `limit`. */
export async function updateCard(tx: JmapTransaction, { accountId, id, books, card }: UpdateCardArgs): Promise<void> {
  const before = await lockRow(tx, accountId, 'ContactCard', id);
  if (before.card.uid !== card.uid)
    throw new MailError('invalid', 'a card keeps its uid', { data: { property: 'uid' } });
  const placed = chooseBooks(await tx.rows(accountId, 'AddressBook'), books);
  const refusal =
    placed === undefined ? NO_SUCH_BOOK : await replaceCard(tx, accountId, before, { id, books: placed, card });
  if (refusal !== undefined) throw new MailError(refusal.code, refusal.why);
}

/** `notFound`. */
export async function destroyCard(
  tx: JmapTransaction,
  { accountId, id }: { readonly accountId: AccountId; readonly id: CardId },
): Promise<void> {
  await removeCard(tx, accountId, await lockRow(tx, accountId, 'ContactCard', id));
}

async function removeCard(tx: JmapTransaction, accountId: AccountId, row: CardRow): Promise<void> {
  await addOctets(tx, accountId, -octetsOf(row));
  await destroyRow(tx, accountId, 'ContactCard', row);
}

async function replaceCard(
  tx: JmapTransaction,
  accountId: AccountId,
  before: CardRow,
  after: CardRow,
): Promise<CardRefusal | undefined> {
  const [beforeBytes, afterBytes] = [octetsOf(before), octetsOf(after)];
  const { sizeBytes } = await tx.lockTally(accountId, 'ContactCard');
  const refusal = judgeOctets(beforeBytes, afterBytes, sizeBytes);
  if (refusal !== undefined) return refusal;
  await addOctets(tx, accountId, afterBytes - beforeBytes);
  await updateRow(tx, accountId, 'ContactCard', after);
  return undefined;
}

async function addOctets(tx: JmapTransaction, accountId: AccountId, change: number): Promise<void> {
  const tally = await tx.lockTally(accountId, 'ContactCard');
  await tx.putTally(accountId, 'ContactCard', { ...tally, sizeBytes: tally.sizeBytes + change });
}

/** Whether a card may be so large; `ofAll`: what there is so far. What makes room is never refused. */
function judgeOctets(beforeBytes: number, afterBytes: number, ofAll: number): CardRefusal | undefined {
  const { cardBytes, cardsBytes } = JMAP_STORE_LIMITS;
  if (afterBytes <= beforeBytes) return undefined;
  if (afterBytes > cardBytes) return { code: 'tooLarge', why: `a card has ${cardBytes} octets at most` };
  if (ofAll - beforeBytes + afterBytes > cardsBytes)
    return { code: 'limit', why: `the contacts of an account have ${cardsBytes} octets at most` };
  return undefined;
}

/** As it is kept. */
function octetsOf(row: CardRow): number {
  return Buffer.byteLength(JSON.stringify(row));
}

const NO_SUCH_BOOK: CardRefusal = { code: 'invalid', why: '/addressBookIds: there is no such address book' };

/** Those, or the default one; undefined where one is not there. */
function chooseBooks(
  known: readonly AddressBookRow[],
  ids: readonly AddressBookId[],
): readonly AddressBookId[] | undefined {
  const found = known.filter(({ id, isDefault }) => (ids.length === 0 ? isDefault : ids.includes(id)));
  return found.length === 0 || found.length < new Set(ids).size ? undefined : found.map(({ id }) => id);
}

function checkBook({ name, description }: BookWords): void {
  const wrong = (property: string, why: string): never => {
    throw new MailError('invalid', why, { data: { property } });
  };
  if (name === '' || name.length > JMAP_STORE_LIMITS.bookNameLength || /\p{Cc}/u.test(name))
    wrong('name', `a name has 1 to ${JMAP_STORE_LIMITS.bookNameLength} characters, none of them control`);
  if ((description ?? '').length > JMAP_STORE_LIMITS.bookDescriptionLength)
    wrong('description', `a description has ${JMAP_STORE_LIMITS.bookDescriptionLength} characters at most`);
}
