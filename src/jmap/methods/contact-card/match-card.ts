/** Whether, and how nearly, a card is meant by what somebody looks for (RFC 9610 §3.3.1); names by pinyin, too. Pure. */
import { nameOfCard, type Card, type ContactCardFilterCondition } from '#contract/jmap/contacts.ts';
import { foldLetters, matchName, readName, type NameForm, type StepOf } from '#directory/name-match.ts';
import type { CardRow } from '#jmap/types.ts';

/** How far from what was typed each way of being meant is; a name's own distance comes on top. As in 组织通讯录. */
const BY_ADDRESS = 6;
const BY_PART = 9;
const BY_UNIT = 12;
const BY_THE_REST = 18;

/** A name as it is looked for, and as it is written. */
interface ReadName {
  readonly form: NameForm;
  readonly folded: string;
}
export type NameReader = (name: string) => ReadName;

/** For one question: what many cards have, the name of a school, is read once. */
export function createNameReader(stepOf: StepOf): NameReader {
  const known = new Map<string, ReadName>();
  return (name) => {
    let read = known.get(name);
    if (read === undefined) known.set(name, (read = { form: readName(name, stepOf), folded: foldLetters(name) }));
    return read;
  };
}

/** Undefined: not meant. `inAddressBook` is a book's id as its row has it. */
export function matchCard(
  { books, card }: CardRow,
  condition: Omit<ContactCardFilterCondition, 'inAddressBook'> & { readonly inAddressBook?: number | undefined },
  read: NameReader,
): number | undefined {
  const { inAddressBook, uid, hasMember, kind, createdBefore, createdAfter, updatedBefore, updatedAfter } = condition;
  const { text, name, nickname, organization, email, phone, onlineService, address, note } = condition;
  const isMet =
    (inAddressBook === undefined || books.includes(inAddressBook as never)) &&
    (uid === undefined || card.uid === uid) &&
    (hasMember === undefined || Object.hasOwn(card.members ?? {}, hasMember)) &&
    (kind === undefined || card.kind === kind) &&
    isBetween(card.created, createdAfter, createdBefore) &&
    isBetween(card.updated, updatedAfter, updatedBefore) &&
    hasComponent(card, 'given', condition['name/given']) &&
    hasComponent(card, 'surname', condition['name/surname']) &&
    hasComponent(card, 'surname2', condition['name/surname2']) &&
    includes(nicknamesOf(card), nickname) &&
    (organization === undefined || nearest(organizationsOf(card), organization, read) !== undefined) &&
    includes(emailsOf(card), email) &&
    hasPhone(card, phone) &&
    includes(servicesOf(card), onlineService) &&
    includes(addressesOf(card), address) &&
    includes(notesOf(card), note);
  if (!isMet) return undefined;
  const byName = name === undefined ? 0 : nearest([nameOfCard(card), ...nicknamesOf(card)], name, read);
  const byText = text === undefined ? 0 : distanceOf(card, text, read);
  return byName === undefined || byText === undefined ? undefined : byName + byText;
}

function distanceOf(card: Card, text: string, read: NameReader): number | undefined {
  const typed = text.trim().toLowerCase();
  if (typed === '') return undefined;
  const byName = nearest([nameOfCard(card), ...nicknamesOf(card)], typed, read);
  if (byName !== undefined) return byName;
  const emails = emailsOf(card);
  if (emails.some((email) => email.toLowerCase().startsWith(typed))) return BY_ADDRESS;
  if (includes(emails, typed) || (/\d{3}/.test(typed) && hasPhone(card, typed))) return BY_PART;
  const byUnit = nearest(organizationsOf(card), typed, read);
  if (byUnit !== undefined) return BY_UNIT + byUnit;
  const rest = [...servicesOf(card), ...addressesOf(card), ...notesOf(card), ...valuesOf(card.titles, 'name')];
  return includes(rest, typed) ? BY_THE_REST : undefined;
}

/** Of several names the nearest that is meant: by its readings, or because what was typed stands in it. */
function nearest(names: readonly string[], text: string, read: NameReader): number | undefined {
  const typed = foldLetters(text);
  if (typed === '') return undefined;
  let best: number | undefined;
  for (const name of names) {
    if (name === '') continue;
    const { form, folded } = read(name);
    const distance = matchName(form, typed) ?? (folded.includes(typed) ? BY_PART : undefined);
    if (distance !== undefined && (best === undefined || distance < best)) best = distance;
  }
  return best;
}

function includes(texts: readonly string[], wanted: string | undefined): boolean {
  if (wanted === undefined) return true;
  const folded = wanted.trim().toLowerCase();
  return texts.some((text) => text.toLowerCase().includes(folded));
}

/** Whatever stands between the digits. */
function hasPhone(card: Card, wanted: string | undefined): boolean {
  if (wanted === undefined) return true;
  const digits = digitsOf(wanted);
  return digits !== '' && valuesOf(card.phones, 'number').some((number) => digitsOf(number).includes(digits));
}

function digitsOf(text: string): string {
  return text.replaceAll(/\D/g, '');
}

function hasComponent({ name }: Card, kind: string, wanted: string | undefined): boolean {
  const values = (name?.components ?? []).filter((component) => component.kind === kind).map(({ value }) => value);
  return includes(values, wanted);
}

function isBetween(at: string | undefined, after: string | undefined, before: string | undefined): boolean {
  if (after === undefined && before === undefined) return true;
  const ms = Date.parse(at ?? '');
  return (after === undefined || ms >= Date.parse(after)) && (before === undefined || ms < Date.parse(before));
}

function nicknamesOf(card: Card): readonly string[] {
  return valuesOf(card.nicknames, 'name');
}

function emailsOf(card: Card): readonly string[] {
  return valuesOf(card.emails, 'address');
}

function organizationsOf({ organizations }: Card): readonly string[] {
  return Object.values(organizations ?? {}).flatMap(({ name = '', units = [] }) => [
    name,
    ...units.map((unit) => unit.name),
  ]);
}

function servicesOf(card: Card): readonly string[] {
  const { onlineServices } = card;
  return [
    ...valuesOf(onlineServices, 'service'),
    ...valuesOf(onlineServices, 'uri'),
    ...valuesOf(onlineServices, 'user'),
  ];
}

function addressesOf({ addresses }: Card): readonly string[] {
  return Object.values(addresses ?? {}).flatMap(({ full = '', components = [] }) => [
    full,
    ...components.map(({ value }) => value),
  ]);
}

function notesOf(card: Card): readonly string[] {
  return valuesOf(card.notes, 'note');
}

function valuesOf<Name extends string>(
  items: Readonly<Record<string, { readonly [Key in Name]?: string | undefined }>> | undefined,
  name: Name,
): readonly string[] {
  return Object.values(items ?? {}).flatMap((item) => item[name] ?? []);
}
