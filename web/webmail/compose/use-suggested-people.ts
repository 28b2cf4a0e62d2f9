import { useEffect, useState } from 'react';
import { distinctPeople } from '#web/webmail/address-book.ts';
import type { SuggestedView } from '#web/webmail/contacts-model.ts';
import { useModel } from '#web/webmail/MailContext.tsx';

/** Nothing is asked while the next key comes so soon, milliseconds. */
const TYPING_MS = 80;
/** Suggestions that a glance takes in. */
const MOST = 8;

interface Answer {
  readonly typed: string;
  readonly own: readonly SuggestedView[];
  readonly listed: readonly SuggestedView[];
}

const NOTHING: Answer = { typed: '', own: [], listed: [] };

/**
 * Whom `text` may mean: one's own contacts and groups first, then those one writes with, then the organisation's. The server's answers come
 * a little later.
 */
export function useSuggestedPeople(text: string): readonly SuggestedView[] {
  const model = useModel();
  const [answer, setAnswer] = useState(NOTHING);
  const typed = text.trim();
  useEffect(() => {
    if (typed === '') return;
    let isCurrent = true;
    const timer = window.setTimeout(() => {
      // Without a line there are those one writes with.
      Promise.all([model.contacts.suggest(typed), model.addressBook.search(typed)]).then(
        ([own, listed]) => isCurrent && setAnswer({ typed, own, listed }),
        () => isCurrent && setAnswer(NOTHING),
      );
    }, TYPING_MS);
    return () => {
      isCurrent = false;
      window.clearTimeout(timer);
    };
  }, [model, typed]);
  if (typed === '') return [];
  // What was found for less of it stands until more is known.
  const { own, listed } = typed.startsWith(answer.typed) ? answer : NOTHING;
  const near = model.people(typed).slice(0, 3);
  const unitOf = new Map(listed.map((person) => [person.address.toLowerCase(), person]));
  const known = near.map(
    (person) => unitOf.get(person.address.toLowerCase()) ?? { ...person, unit: '', isGroup: false },
  );
  return distinctPeople([...own, ...known, ...listed]).slice(0, MOST);
}
