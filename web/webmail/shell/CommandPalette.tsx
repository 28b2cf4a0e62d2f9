import { useId, useState, type KeyboardEvent } from 'react';
import { useTexts } from '#web/locales/texts.ts';
import { classes } from '#web/ui/classes.ts';
import { Dialog } from '#web/ui/Dialog.tsx';
import { Icon } from '#web/ui/Icon.tsx';
import type { IconName } from '#web/ui/icons.ts';
import { Kbd } from '#web/ui/Kbd.tsx';
import { ACTIONS } from '#web/webmail/actions/registry.ts';
import { keywordOf } from '#web/webmail/labels.ts';
import { useLive } from '#web/webmail/live.ts';
import { useActions, useModel } from '#web/webmail/MailContext.tsx';
import { arrangeMailboxes, mailboxIcon, mailboxName } from '#web/webmail/mailbox-names.ts';
import type { LabelView } from '#web/webmail/model.ts';
import './palette.css';

/** Of a label's name: a keyword has 255 octets (RFC 8621 §4.1.1), nine for each letter of ours. */
const MOST_LETTERS = 25;

interface Entry {
  readonly key: string;
  readonly label: string;
  readonly icon: IconName;
  readonly shortcut: string | undefined;
  readonly choose: () => void;
}

export interface CommandPaletteProps {
  /** `moveTo`: only mailboxes, and choosing one moves there what is selected. `labels`: puts one on it or takes it off. */
  readonly kind: 'commands' | 'moveTo' | 'labels';
  readonly onClose: () => void;
}

/** Everything that can be done or gone to, found by typing. */
export function CommandPalette({ kind, onClose }: CommandPaletteProps) {
  const texts = useTexts();
  const { t } = texts;
  const { context, run } = useActions();
  const model = useModel();
  const mailboxes = useLive(model.mailboxes);
  const [text, setText] = useState('');
  const [chosen, setChosen] = useState(0);
  const id = useId();

  const { roles, others } = arrangeMailboxes(mailboxes);
  const places = [...roles, ...others].map(({ mailbox }): Entry => ({
    key: mailbox.id,
    label: mailboxName(mailbox, texts),
    icon: mailboxIcon(mailbox),
    shortcut: undefined,
    choose: () =>
      kind === 'moveTo'
        ? context.change({ do: 'move', mailboxId: mailbox.id })
        : context.navigate({ screen: 'mailbox', mailboxId: mailbox.role ?? mailbox.id, conversationId: undefined }),
  }));
  const commands = ACTIONS.filter((action) => action.name !== 'palette' && action.isEnabled(context)).map(
    (action): Entry => ({
      key: action.name,
      label: t(action.label),
      icon: action.icon,
      shortcut: action.shortcut,
      choose: () => run(action),
    }),
  );
  const wanted = text.trim().toLocaleLowerCase();
  const has = new Set(context.labels.map(({ keyword }) => keyword));
  const labelEntry = ({ keyword, name }: Pick<LabelView, 'keyword' | 'name'>, label = name): Entry => ({
    key: keyword,
    label,
    icon: has.has(keyword) ? 'check' : 'label',
    shortcut: undefined,
    choose: () => context.change({ do: 'setLabel', keyword, to: !has.has(keyword) }),
  });
  const known = kind === 'labels' ? model.labels() : [];
  const isNew = kind === 'labels' && wanted !== '' && !known.some(({ name }) => name.toLocaleLowerCase() === wanted);
  const fresh = { keyword: keywordOf(text), name: text.trim() };
  const all =
    kind === 'labels'
      ? known.map((label) => labelEntry(label))
      : kind === 'moveTo'
        ? places
        : [...commands, ...places.slice(roles.length)];
  const found = [
    ...all.filter(({ label }) => label.toLocaleLowerCase().includes(wanted)),
    ...(isNew ? [labelEntry(fresh, t('palette.newLabel', { name: fresh.name }))] : []),
  ];
  const at = Math.min(chosen, found.length - 1);
  const { title, placeholder } = {
    commands: { title: t('action.palette'), placeholder: t('palette.placeholder') },
    moveTo: { title: t('action.move'), placeholder: t('palette.moveTo') },
    labels: { title: t('action.label'), placeholder: t('palette.label') },
  }[kind];

  const choose = (entry: Entry | undefined) => {
    if (entry === undefined) return;
    onClose();
    // After the dialog has given the focus back, or what the command focuses would lose it again.
    window.setTimeout(entry.choose);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'ArrowDown') setChosen((at + 1) % Math.max(1, found.length));
    else if (event.key === 'ArrowUp') setChosen((at - 1 + found.length) % Math.max(1, found.length));
    else if (event.key === 'Enter') choose(found[at]);
    else return;
    event.preventDefault();
  };

  return (
    <Dialog shape="bare" title={title} closeLabel={t('shell.close')} onClose={onClose}>
      <div className="palette">
        <input
          className="palette__input"
          type="text"
          role="combobox"
          aria-label={title}
          aria-expanded="true"
          aria-controls={id}
          aria-autocomplete="list"
          aria-activedescendant={found[at] ? `${id}-${at}` : undefined}
          placeholder={placeholder}
          maxLength={kind === 'labels' ? MOST_LETTERS : undefined}
          autoFocus
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            setChosen(0);
          }}
          onKeyDown={onKeyDown}
        />
        <div id={id} role="listbox" aria-label={title} className="palette__list scroll">
          {found.map((entry, index) => (
            // oxlint-disable-next-line jsx-a11y/click-events-have-key-events -- the keys are the combobox's above
            <div
              key={entry.key}
              id={`${id}-${index}`}
              role="option"
              aria-selected={index === at}
              tabIndex={-1}
              ref={index === at ? bringIntoView : undefined}
              className={classes('palette__entry', index === at && 'palette__entry--chosen')}
              onPointerMove={() => setChosen(index)}
              onClick={() => choose(entry)}
            >
              <Icon name={entry.icon} />
              <span className="one-line">{entry.label}</span>
              {entry.shortcut !== undefined && <Kbd keys={entry.shortcut} />}
            </div>
          ))}
        </div>
        {found.length === 0 && <p className="palette__none">{t('palette.nothing')}</p>}
      </div>
    </Dialog>
  );
}

/** What scrolling returns (in newer browsers a promise) is nobody's to call. */
function bringIntoView(element: HTMLElement | null): void {
  element?.scrollIntoView({ block: 'nearest' });
}
