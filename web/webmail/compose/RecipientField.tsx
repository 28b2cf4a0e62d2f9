import { useId, useState, type KeyboardEvent, type ReactNode } from 'react';
import { useTexts } from '#web/locales/texts.ts';
import { Icon } from '#web/ui/Icon.tsx';
import { parseRecipients } from '#web/webmail/draft.ts';
import type { PersonView } from '#web/webmail/model.ts';

export interface RecipientFieldProps {
  readonly label: string;
  readonly people: readonly PersonView[];
  readonly onChange: (people: readonly PersonView[]) => void;
  readonly isFirst?: boolean;
  readonly children?: ReactNode;
}

/** So many are drawn; the rest are a number, because five thousand pasted at once are not read anyway. */
const MOST_SHOWN = 60;

/** Recipients as chips. What is typed becomes one at a comma, Enter or when the field is left; Backspace takes the last back. */
export function RecipientField({ label, people, onChange, isFirst = false, children }: RecipientFieldProps) {
  const { t } = useTexts();
  const [text, setText] = useState('');
  const id = useId();

  const take = (typed: string): boolean => {
    const { people: found, rest } = parseRecipients(typed);
    if (found.length > 0) {
      const known = new Set(people.map(({ address }) => address.toLowerCase()));
      const fresh = found.filter(
        ({ address }) => !known.has(address.toLowerCase()) && known.add(address.toLowerCase()),
      );
      onChange([...people, ...fresh]);
    }
    setText(rest.join('; '));
    return rest.length === 0;
  };
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.nativeEvent.isComposing) return;
    if (['Enter', ',', ';', '，', '；'].includes(event.key) && !event.ctrlKey && !event.metaKey) take(text);
    else if (event.key === 'Backspace' && text === '' && people.length > 0) onChange(people.slice(0, -1));
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
            value={text}
            onChange={(event) => setText(event.target.value)}
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
    </div>
  );
}
