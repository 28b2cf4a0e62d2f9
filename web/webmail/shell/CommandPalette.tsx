import { useId, useState, type KeyboardEvent } from 'react';
import { useTexts } from '#web/locales/texts.ts';
import { classes } from '#web/ui/classes.ts';
import { Dialog } from '#web/ui/Dialog.tsx';
import { Icon } from '#web/ui/Icon.tsx';
import type { IconName } from '#web/ui/icons.ts';
import { Kbd } from '#web/ui/Kbd.tsx';
import { ACTIONS } from '#web/webmail/actions/registry.ts';
import { useLive } from '#web/webmail/live.ts';
import { useActions, useModel } from '#web/webmail/MailContext.tsx';
import { arrangeMailboxes, mailboxIcon, mailboxName } from '#web/webmail/mailbox-names.ts';
import './palette.css';

interface Entry {
  readonly key: string;
  readonly label: string;
  readonly icon: IconName;
  readonly shortcut: string | undefined;
  readonly choose: () => void;
}

export interface CommandPaletteProps {
  /** `moveTo`: only mailboxes, and choosing one moves there what is selected. */
  readonly kind: 'commands' | 'moveTo';
  readonly onClose: () => void;
}

/** Everything that can be done or gone to, found by typing. */
export function CommandPalette({ kind, onClose }: CommandPaletteProps) {
  const texts = useTexts();
  const { t } = texts;
  const { context, run } = useActions();
  const mailboxes = useLive(useModel().mailboxes);
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
  const all = kind === 'moveTo' ? places : [...commands, ...places.slice(roles.length)];
  const wanted = text.trim().toLocaleLowerCase();
  const found = all.filter(({ label }) => label.toLocaleLowerCase().includes(wanted));
  const at = Math.min(chosen, found.length - 1);
  const title = kind === 'moveTo' ? t('action.move') : t('action.palette');

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
          placeholder={kind === 'moveTo' ? t('palette.moveTo') : t('palette.placeholder')}
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
              ref={index === at ? (element) => element?.scrollIntoView({ block: 'nearest' }) : undefined}
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
