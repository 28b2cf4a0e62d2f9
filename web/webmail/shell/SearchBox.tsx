import { useId, useState, type KeyboardEvent, type Ref } from 'react';
import { useTexts } from '#web/locales/texts.ts';
import { IconButton } from '#web/ui/Button.tsx';
import { classes } from '#web/ui/classes.ts';
import { Icon } from '#web/ui/Icon.tsx';
import type { IconName } from '#web/ui/icons.ts';
import { useLive } from '#web/webmail/live.ts';
import { useModel } from '#web/webmail/MailContext.tsx';
import { mailboxName } from '#web/webmail/mailbox-names.ts';
import { navigate } from '#web/webmail/navigation.ts';
import { keepSearch, recentSearches } from '#web/webmail/recent-searches.ts';

interface Suggestion {
  readonly label: string;
  readonly icon: IconName;
  /** What the field holds when it is chosen. */
  readonly text: string;
  /** Whether that is looked for at once. */
  readonly isWhole?: boolean;
}

/** At most so many suggestions. */
const MOST = 8;

export interface SearchBoxProps {
  readonly ref: Ref<HTMLInputElement>;
  /** What the list shows the finds of; '' for none. With another the field begins anew: give it as `key`. */
  readonly searched: string;
}

/** The field on top: a combobox that completes the last word and searches on Enter. */
export function SearchBox({ ref, searched }: SearchBoxProps) {
  const texts = useTexts();
  const { t } = texts;
  const model = useModel();
  const mailboxes = useLive(model.mailboxes);
  const [text, setText] = useState(searched);
  const [isOpen, setOpen] = useState(false);
  const [chosen, setChosen] = useState(-1);
  const listId = useId();

  const words = text.split(/\s+/);
  const last = words.at(-1) ?? '';
  const before = words.slice(0, -1).join(' ');
  const complete = (word: string) => `${before}${before && ' '}${word} `;
  const operators: readonly Suggestion[] = [
    { label: t('search.from'), icon: 'person', text: complete('from:').trimEnd() },
    { label: t('search.hasAttachment'), icon: 'attachment', text: complete('has:attachment') },
    { label: t('search.isUnread'), icon: 'mail', text: complete('is:unread') },
    { label: t('search.isFlagged'), icon: 'star', text: complete('is:flagged') },
    { label: t('search.after'), icon: 'calendar', text: complete('after:').trimEnd() },
  ];
  const places = mailboxes
    .filter((mailbox) => last !== '' && mailboxName(mailbox, texts).toLowerCase().includes(last.toLowerCase()))
    .map((mailbox): Suggestion => {
      const name = mailboxName(mailbox, texts);
      return { label: t('search.in', { name }), icon: 'folder', text: complete(`in:"${name}"`) };
    });
  // After an operator that takes a person, and after nothing.
  const person = /^(?:(.{1,4}[:：]))?(.*)$/u.exec(last);
  const people = model.people(person?.[2] ?? '').map(({ name, address }): Suggestion => ({
    label: name || address,
    icon: 'person',
    text: complete(`${person?.[1] ?? 'from:'}${address}`),
  }));
  const recent =
    text === ''
      ? recentSearches().map((text): Suggestion => ({ label: text, icon: 'search', text, isWhole: true }))
      : [];
  const suggestions = [
    ...recent,
    ...people,
    ...places,
    ...operators.filter(({ label, text }) => last === '' || `${label}${text}`.includes(last)),
  ].slice(0, MOST);

  const search = (what: string) => {
    setOpen(false);
    if (what.trim() === '') navigate({ screen: 'mailbox', mailboxId: 'inbox', conversationId: undefined });
    else {
      keepSearch(what.trim());
      navigate({ screen: 'search', text: what.trim(), conversationId: undefined });
    }
  };
  const take = (suggestion: Suggestion) => {
    setText(suggestion.text);
    setChosen(-1);
    if (suggestion.isWhole === true) search(suggestion.text);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.nativeEvent.isComposing) return;
    const count = suggestions.length;
    if (event.key === 'ArrowDown') {
      setOpen(true);
      setChosen((chosen + 1) % Math.max(1, count));
    } else if (event.key === 'ArrowUp') setChosen((chosen - 1 + count) % Math.max(1, count));
    else if (event.key === 'Escape') {
      setChosen(-1);
      if (isOpen) setOpen(false);
      else event.currentTarget.blur();
    } else if (event.key === 'Enter') {
      const suggestion = isOpen ? suggestions[chosen] : undefined;
      if (suggestion === undefined) {
        search(text);
        event.currentTarget.blur();
      } else take(suggestion);
    } else return;
    event.preventDefault();
  };

  return (
    <search className="search">
      <Icon name="search" />
      <input
        ref={ref}
        type="text"
        enterKeyHint="search"
        role="combobox"
        className="search__input"
        aria-label={t('action.search')}
        placeholder={t('search.placeholder')}
        aria-expanded={isOpen && suggestions.length > 0}
        aria-controls={listId}
        aria-autocomplete="list"
        aria-activedescendant={isOpen && chosen >= 0 ? `${listId}-${chosen}` : undefined}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setOpen(true);
          setChosen(-1);
        }}
        onFocus={() => setOpen(true)}
        onBlur={() => setOpen(false)}
        onKeyDown={onKeyDown}
      />
      {text !== '' && (
        <IconButton
          label={t('search.clear')}
          icon="close"
          size="small"
          onClick={() => {
            setText('');
            if (searched !== '') search('');
          }}
        />
      )}
      <div
        id={listId}
        role="listbox"
        aria-label={t('search.suggestions')}
        className="search__list"
        hidden={!isOpen || suggestions.length === 0}
      >
        {suggestions.map((suggestion, at) => (
          <div
            key={`${suggestion.icon} ${suggestion.text}`}
            id={`${listId}-${at}`}
            role="option"
            aria-selected={at === chosen}
            tabIndex={-1}
            className={classes('search__option', at === chosen && 'search__option--chosen')}
            // Not `click`: by then the field has lost the focus and the list is gone.
            onPointerDown={(event) => {
              event.preventDefault();
              take(suggestion);
            }}
          >
            <Icon name={suggestion.icon} size="small" />
            {suggestion.label}
            {suggestion.isWhole !== true && <code>{suggestion.text.slice(before.length).trim()}</code>}
          </div>
        ))}
      </div>
    </search>
  );
}
