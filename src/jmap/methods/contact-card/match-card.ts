/** Whether, and how nearly, a card is meant by what somebody looks for (RFC 9610 §3.3.1); names by pinyin, too. Pure. */
import { nameOfCard, type Card, type ContactCardFilterCondition } from '#contract/jmap/contacts.ts';
import { foldLetters, matchName, readName, type StepOf } from '#directory/name-match.ts';
import type { CardRow } from '#jmap/types.ts';

/** How far from what was typed each way of being meant is; a name's own distance comes on top. As in 组织通讯录. */
const BY_ADDRESS = 6;
const BY_PART = 9;
const BY_UNIT = 12;
const BY_THE_REST = 18;

/** Undefined: not meant. `bookOf`: a book's id as its row has it; undefined: it is none. */
export function matchCard(
  { books, card }: CardRow,
  condition: Omit<ContactCardFilterCondition, 'inAddressBook'> & { readonly inAddressBook?: number | undefined },
  stepOf: StepOf,
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
    (organization === undefined || nearest(organizationsOf(card), organization, stepOf) !== undefined) &&
    includes(emailsOf(card), email) &&
    hasPhone(card, phone) &&
    includes(servicesOf(card), onlineService) &&
    includes(addressesOf(card), address) &&
    includes(notesOf(card), note);
  if (!isMet) return undefined;
  const byName = name === undefined ? 0 : nearest([nameOfCard(card), ...nicknamesOf(card)], name, stepOf);
  const byText = text === undefined ? 0 : distanceOf(card, text, stepOf);
  return byName === undefined || byText === undefined ? undefined : byName + byText;
}

function distanceOf(card: Card, text: string, stepOf: StepOf): number | undefined {
  const typed = text.trim().toLowerCase();
  if (typed === '') return undefined;
  const byName = nearest([nameOfCard(card), ...nicknamesOf(card)], typed, stepOf);
  if (byName !== undefined) return byName;
  const emails = emailsOf(card);
  if (emails.some((email) => email.toLowerCase().startsWith(typed))) return BY_ADDRESS;
  if (includes(emails, typed) || (/\d{3}/.test(typed) && hasPhone(card, typed))) return BY_PART;
  const byUnit = nearest(organizationsOf(card), typed, stepOf);
  if (byUnit !== undefined) return BY_UNIT + byUnit;
  const rest = [...servicesOf(card), ...addressesOf(card), ...notesOf(card), ...valuesOf(card.titles, 'name')];
  return includes(rest, typed) ? BY_THE_REST : undefined;
}

/** Of several names the nearest that is meant: by its readings, or because what was typed stands in it. */
function nearest(names: readonly string[], text: string, stepOf: StepOf): number | undefined {
  const typed = foldLetters(text);
  if (typed === '') return undefined;
  let best: number | undefined;
  for (const name of names) {
    if (name === '') continue;
    const distance =
      matchName(readName(name, stepOf), typed) ?? (foldLetters(name).includes(typed) ? BY_PART : undefined);
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
