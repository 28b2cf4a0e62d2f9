import { useId, useState, type KeyboardEvent, type ReactNode } from 'react';
import { useTexts } from '#web/locales/texts.ts';
import { Badge } from '#web/ui/Badge.tsx';
import { classes } from '#web/ui/classes.ts';
import { Icon } from '#web/ui/Icon.tsx';
import type { SuggestedView } from '#web/webmail/contacts-model.ts';
import { parseRecipients } from '#web/webmail/draft.ts';
import type { PersonView } from '#web/webmail/model.ts';
import { useSuggestedPeople } from './use-suggested-people.ts';

export interface RecipientFieldProps {
  readonly label: string;
  readonly people: readonly PersonView[];
  readonly onChange: (people: readonly PersonView[]) => void;
  readonly isFirst?: boolean;
  readonly children?: ReactNode;
}

/** So many are drawn; the rest are a number, because five thousand pasted at once are not read anyway. */
const MOST_SHOWN = 60;

/**
 * Recipients as chips. What is typed is completed from the address book and from those one writes with; a whole address becomes one
 * at a comma, Enter or when the field is left; Backspace takes the last back.
 */
export function RecipientField({ label, people, onChange, isFirst = false, children }: RecipientFieldProps) {
  const { t } = useTexts();
  const [text, setText] = useState('');
  const [isOpen, setOpen] = useState(false);
  const [chosen, setChosen] = useState(0);
  const id = useId();
  const listId = `${id}-list`;
  const known = new Set(people.map(({ address }) => address.toLowerCase()));
  const suggestions = useSuggestedPeople(isOpen ? text : '').filter(({ address }) => !known.has(address.toLowerCase()));
  const isListShown = isOpen && suggestions.length > 0;

  const write = (text: string) => {
    setText(text);
    setOpen(text !== '');
    setChosen(0);
  };
  const add = (found: readonly PersonView[]) => {
    const fresh = found.filter(({ address }) => !known.has(address.toLowerCase()) && known.add(address.toLowerCase()));
    if (fresh.length > 0) onChange([...people, ...fresh]);
  };
  const take = (typed: string) => {
    const { people: found, rest } = parseRecipients(typed);
    add(found);
    setText(rest.join('; '));
    setOpen(false);
  };
  const takeSuggested = ({ name, address, members = [{ name, address }] }: SuggestedView) => {
    add(members);
    write('');
  };
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    const { key } = event;
    if (event.nativeEvent.isComposing) return;
    const suggestion = isListShown ? suggestions[chosen] : undefined;
    const isPlain = !event.ctrlKey && !event.metaKey;
    if (suggestion && (key === 'ArrowDown' || key === 'ArrowUp')) {
      const step = key === 'ArrowDown' ? 1 : suggestions.length - 1;
      setChosen((chosen + step) % suggestions.length);
    } else if (isListShown && key === 'Escape') {
      setOpen(false);
      // Not the window's: it would be closed.
      event.stopPropagation();
    } else if (suggestion && isPlain && (key === 'Enter' || key === 'Tab')) takeSuggested(suggestion);
    else if (isPlain && ['Enter', ',', ';', '，', '；'].includes(key)) take(text);
    else if (key === 'Backspace' && text === '' && people.length > 0) onChange(people.slice(0, -1));
    else return;
    event.preventDefault();
  };

  const hidden = people.length - MOST_SHOWN;
  return (
    <div className="compose__line compose__line--people">
      <label htmlFor={id}>{label}</label>
      <ul className="recipients">
        {people.slice(0, MOST_SHOWN).map((person) => (
          <li key={person.address} className="recipient" title={person.address}>
            <bdi className="one-line">{person.name || person.address}</bdi>
            <button
              type="button"
              aria-label={t('compose.removeRecipient', { name: person.name || person.address })}
              onClick={() => onChange(people.filter((other) => other !== person))}
            >
              <Icon name="close" size="small" />
            </button>
          </li>
        ))}
        {hidden > 0 && <li className="recipient">{t('compose.moreRecipients', { count: hidden })}</li>}
        <li className="recipients__entry">
          <input
            id={id}
            type="text"
            inputMode="email"
            autoComplete="off"
            spellCheck={false}
            autoFocus={isFirst}
            role="combobox"
            aria-autocomplete="list"
            aria-expanded={isListShown}
            aria-controls={listId}
            aria-activedescendant={isListShown ? `${listId}-${chosen}` : undefined}
            value={text}
            onChange={(event) => write(event.target.value)}
            onPaste={(event) => {
              const pasted = event.clipboardData.getData('text');
              if (!/[,;，；\n@]/.test(pasted)) return;
              event.preventDefault();
              take(`${text}${pasted}`);
            }}
            onKeyDown={onKeyDown}
            onBlur={() => take(text)}
          />
        </li>
      </ul>
      {children}
      <div id={listId} role="listbox" aria-label={t('compose.suggested')} className="suggested" hidden={!isListShown}>
        {suggestions.map((person, at) => (
          <div
            key={person.address}
            id={`${listId}-${at}`}
            role="option"
            aria-selected={at === chosen}
            tabIndex={-1}
            className={classes('suggested__person', at === chosen && 'suggested__person--chosen')}
            // Not `click`: by then the field has lost the focus and the list is gone.
            onPointerDown={(event) => {
              event.preventDefault();
              takeSuggested(person);
            }}
          >
            <bdi className="suggested__name one-line">{person.name || person.address}</bdi>
            {person.isGroup && <Badge>{t('contacts.group')}</Badge>}
            <bdi className="suggested__address one-line">
              {person.members !== undefined
                ? t('contacts.members', { count: person.members.length })
                : person.name === ''
                  ? ''
                  : person.address}
            </bdi>
            <span className="suggested__unit one-line">{person.unit}</span>
          </div>
        ))}
      </div>
    </div>
  );
}
