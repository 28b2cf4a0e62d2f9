/** Cards (RFC 9553) as forms show them, and what a form makes of a card: whatever it does not show stays. Pure. */
import type { Card } from '#contract/jmap/contacts.ts';
import { nameOfCard } from '#contract/jmap/contacts.ts';
import type { ContactView, ContactWords } from './contacts-model.ts';

export function viewOfCard(id: string, card: Partial<Card>): ContactView {
  const [organization] = Object.values(card.organizations ?? {});
  return {
    id,
    uid: card.uid ?? '',
    isGroup: card.kind === 'group',
    memberUids: Object.keys(card.members ?? {}),
    name: nameOfCard(card),
    emails: byPreference(card.emails).flatMap(({ address }) => address || []),
    phones: byPreference(card.phones).flatMap(({ number }) => number || []),
    organization: organization?.name ?? '',
    department: organization?.units?.[0]?.name ?? '',
    title: Object.values(card.titles ?? {})[0]?.name ?? '',
    note: Object.values(card.notes ?? {})[0]?.note ?? '',
  };
}

/** RFC 9553 §1.5.4: 1 is most preferred. */
function byPreference<Item extends object>(items: Readonly<Record<string, Item>> | undefined): readonly Item[] {
  const rank = (item: Item): number => ('pref' in item && typeof item.pref === 'number' ? item.pref : 101);
  return Object.values(items ?? {}).toSorted((a, b) => rank(a) - rank(b));
}

/** A card that says so much. */
export function cardOfWords(words: ContactWords): Readonly<Record<string, unknown>> {
  const { name: _, ...rest } = patchOfWords({}, words);
  const said = Object.entries(rest).filter(([, value]) => value !== null);
  return { '@type': 'Card', version: '1.0', name: { full: words.name }, ...Object.fromEntries(said) };
}

/** What to change of a card so that it says so much: an address that stays keeps what else is said of it. */
export function patchOfWords(card: Partial<Card>, words: ContactWords): Readonly<Record<string, unknown>> {
  const before = viewOfCard('', card);
  const patch: Record<string, unknown> = {};
  if (words.name !== before.name) patch['name'] = words.name === '' ? null : { full: words.name };
  if (!isSame(words.emails, before.emails))
    patch['emails'] = itemsOf(card.emails, 'address', words.emails, ({ address }) => address);
  if (!isSame(words.phones, before.phones))
    patch['phones'] = itemsOf(card.phones, 'number', words.phones, ({ number }) => number);
  const { organization, department } = words;
  if (organization !== before.organization || department !== before.department) {
    const said = {
      ...(organization === '' ? {} : { name: organization }),
      ...(department === '' ? {} : { units: [{ name: department }] }),
    };
    patch['organizations'] = firstOf(card.organizations, ['name', 'units'], said);
  }
  if (words.title !== before.title)
    patch['titles'] = firstOf(card.titles, ['name'], words.title === '' ? {} : { name: words.title });
  if (words.note !== before.note)
    patch['notes'] = firstOf(card.notes, ['note'], words.note === '' ? {} : { note: words.note });
  return patch;
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((one, at) => one === b[at]);
}

/** In that order, which becomes that of preference where there are several. */
function itemsOf<Item extends object>(
  known: Readonly<Record<string, Item>> | undefined,
  property: string,
  values: readonly string[],
  valueOf: (item: Item) => string,
): Readonly<Record<string, object>> | null {
  const items = values.map((value, at) => {
    const kept = Object.values(known ?? {}).find((item) => valueOf(item) === value);
    return { ...kept, [property]: value, ...(values.length > 1 && { pref: at + 1 }) };
  });
  return items.length === 0 ? null : Object.fromEntries(items.map((item, at) => [String(at + 1), item]));
}

/** The first says this instead of what it said; without anything to say it is gone. */
function firstOf<Item extends object>(
  known: Readonly<Record<string, Item>> | undefined,
  instead: readonly string[],
  said: object,
): Readonly<Record<string, object>> | null {
  const [[key, first] = ['1', {}], ...others] = Object.entries(known ?? {});
  const kept = Object.fromEntries(Object.entries(first).filter(([name]) => !instead.includes(name)));
  const isGone = Object.keys(said).length === 0;
  const items: readonly (readonly [string, object])[] = isGone
    ? others
    : [[key, { ...kept, ...said }] as const, ...others];
  return items.length === 0 ? null : Object.fromEntries(items);
}
