import { useEffect, useState } from 'react';
import { distinctPeople, type ListedView } from '#web/webmail/address-book.ts';
import { useModel } from '#web/webmail/MailContext.tsx';

/** Nothing is asked while the next key comes so soon, milliseconds. */
const TYPING_MS = 80;
/** Suggestions that a glance takes in. */
const MOST = 8;

const NOTHING = { typed: '', people: [] };

/** Whom `text` may mean: one's own contacts, those one writes with, then the address book's; what is asked for comes a little later. */
export function useSuggestedPeople(text: string): readonly ListedView[] {
  const model = useModel();
  const [answer, setAnswer] = useState<{ readonly typed: string; readonly people: readonly ListedView[] }>(NOTHING);
  const typed = text.trim();
  useEffect(() => {
    if (typed === '') return;
    let isCurrent = true;
    const timer = window.setTimeout(() => {
      // Without a line there are those one writes with.
      model.addressBook.search(typed).then(
        (people) => isCurrent && setAnswer({ typed, people }),
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
  const listed = typed.startsWith(answer.typed) ? answer.people : [];
  const near = model.people(typed).slice(0, 3);
  const unitOf = new Map(listed.map((person) => [person.address.toLowerCase(), person]));
  const known = near.map(
    (person) => unitOf.get(person.address.toLowerCase()) ?? { ...person, unit: '', isGroup: false },
  );
  const own = listed.filter((person) => person.own !== undefined);
  return distinctPeople([...own, ...known, ...listed]).slice(0, MOST);
}
