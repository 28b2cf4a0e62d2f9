/** People one writes with, as the mail at hand knows them. Pure. */
import type { EmailAddress } from '#contract/jmap/email.ts';
import type { PersonView } from './model.ts';

export interface Correspondence {
  readonly from?: readonly EmailAddress[] | null;
  readonly to?: readonly EmailAddress[] | null;
  readonly cc?: readonly EmailAddress[] | null;
}

/** Those whose name or address has `text` in it, the most frequent first; without oneself. */
export function findPeople(
  emails: Iterable<Correspondence>,
  text: string,
  own: readonly string[],
  most: number,
): readonly PersonView[] {
  const wanted = text.trim().toLowerCase();
  if (wanted === '') return [];
  const self = new Set(own.map((address) => address.toLowerCase()));
  const people = new Map<string, { name: string; readonly address: string; count: number }>();
  for (const { from, to, cc } of emails) {
    for (const { name, email } of [...(from ?? []), ...(to ?? []), ...(cc ?? [])]) {
      const key = email.toLowerCase();
      const isMeant = key.includes(wanted) || name?.toLowerCase().includes(wanted) === true;
      const known = people.get(key);
      if (known) {
        known.count += 1;
        known.name ||= name ?? '';
      } else if (isMeant && !self.has(key)) people.set(key, { name: name ?? '', address: email, count: 1 });
    }
  }
  return [...people.values()]
    .toSorted((a, b) => b.count - a.count)
    .slice(0, most)
    .map(({ name, address }) => ({ name, address }));
}
