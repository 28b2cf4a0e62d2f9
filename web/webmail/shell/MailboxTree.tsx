import { useState } from 'react';
import { useTexts } from '#web/locales/texts.ts';
import { Icon } from '#web/ui/Icon.tsx';
import type { IconName } from '#web/ui/icons.ts';
import { Tooltip } from '#web/ui/Tooltip.tsx';
import { isDragged, takeDragged } from '#web/webmail/dragged.ts';
import { Link } from '#web/webmail/Link.tsx';
import { useLive } from '#web/webmail/live.ts';
import { useActions, useModel } from '#web/webmail/MailContext.tsx';
import { arrangeMailboxes, mailboxIcon, mailboxName, type TreeEntry } from '#web/webmail/mailbox-names.ts';
import { useLabelColour } from '#web/webmail/use-label-colour.ts';
import type { Change, MailboxView } from '#web/webmail/model.ts';

export interface MailboxTreeProps {
  readonly currentId: string | undefined;
  /** Only pictures, in a rail. */
  readonly isFolded: boolean;
  readonly onFollow?: (() => void) | undefined;
}

export function MailboxTree({ currentId, isFolded, onFollow }: MailboxTreeProps) {
  const texts = useTexts();
  const { t } = texts;
  const model = useModel();
  const { context } = useActions();
  const [over, setOver] = useState<string>();
  const { roles, others } = arrangeMailboxes(useLive(model.mailboxes));
  const colourOf = useLabelColour();
  const labels = isFolded ? [] : model.labels();
  const entry = ({ mailbox, depth }: TreeEntry) => {
    const name = mailboxName(mailbox, texts);
    // Of drafts one wants to know how many there are; of what was sent or thrown away nothing.
    const count = mailbox.role === 'drafts' ? mailbox.total : mailbox.role === 'trash' ? 0 : mailbox.unread;
    const link = (
      <Link
        to={{ screen: 'mailbox', mailboxId: mailbox.role ?? mailbox.id, conversationId: undefined }}
        className="tree__link"
        isCurrent={mailbox.id === currentId}
        onFollow={onFollow}
        label={count > 0 ? t('shell.mailboxWithCount', { name, count }) : name}
      >
        <Icon name={mailboxIcon(mailbox)} />
        <span className="tree__name one-line">{name}</span>
        {isFolded
          ? mailbox.unread > 0 && <span className="tree__dot" />
          : count > 0 && <span className="tree__count numbers">{texts.number(count)}</span>}
      </Link>
    );
    return (
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- a place to drop on; by keyboard there is `v`
      <li
        key={mailbox.id}
        style={isFolded ? undefined : { paddingInlineStart: `${depth}rem` }}
        className={over === mailbox.id ? 'tree__over' : undefined}
        onDragOver={(event) => {
          if (!isDragged(event.dataTransfer)) return;
          event.preventDefault();
          setOver(mailbox.id);
        }}
        onDragLeave={() => setOver(undefined)}
        onDrop={(event) => {
          setOver(undefined);
          const ids = takeDragged(event.dataTransfer);
          if (ids.length === 0) return;
          event.preventDefault();
          context.change(changeTo(mailbox), ids);
        }}
      >
        {isFolded ? <Tooltip text={name}>{link}</Tooltip> : link}
      </li>
    );
  };
  const accounts = useLive(model.accounts);
  const shown = accounts.find(({ isCurrent }) => isCurrent);
  const boxes = accounts.filter(({ isOwn, isCurrent }) => !isOwn && !isCurrent);
  const choose = (id: string | undefined, name: string, icon: IconName) => {
    const button = (
      <button type="button" className="tree__link" onClick={() => model.showAccount(id)} aria-label={name}>
        <Icon name={icon} />
        <span className="tree__name one-line">{name}</span>
      </button>
    );
    return <li key={id ?? 'own'}>{isFolded ? <Tooltip text={name}>{button}</Tooltip> : button}</li>;
  };
  return (
    <nav className="tree scroll" aria-label={t('shell.mailboxes')} data-folded={isFolded}>
      {shown?.isOwn === false && (
        <>
          {!isFolded && (
            <h2 className="tree__heading tree__box">
              {shown.name}
              {shown.isReadOnly && ` · ${t('sharing.readOnly')}`}
            </h2>
          )}
          <ul>{choose(undefined, t('sharing.backToOwn'), 'arrowLeft')}</ul>
        </>
      )}
      <ul>{roles.map(entry)}</ul>
      {others.length > 0 && !isFolded && (
        <>
          <h2 className="tree__heading">{t('shell.folders')}</h2>
          <ul>{others.map(entry)}</ul>
        </>
      )}
      {boxes.length > 0 && (
        <>
          {!isFolded && <h2 className="tree__heading">{t('sharing.boxes')}</h2>}
          <ul>{boxes.map(({ id, name }) => choose(id, name, 'mail'))}</ul>
        </>
      )}
      {labels.length > 0 && (
        <>
          <h2 className="tree__heading">{t('shell.labels')}</h2>
          <ul>
            {labels.map((label) => (
              <li key={label.keyword}>
                <Link
                  to={{
                    screen: 'search',
                    text: `${t('search.labelOperator')}:"${label.name}"`,
                    conversationId: undefined,
                  }}
                  className="tree__link"
                  onFollow={onFollow}
                >
                  <span className={`tree__label avatar--${colourOf(label)}`} />
                  <span className="tree__name one-line">{label.name}</span>
                </Link>
              </li>
            ))}
          </ul>
        </>
      )}
    </nav>
  );
}

/** What dropping mail on a mailbox means. */
function changeTo({ id, role }: MailboxView): Change {
  switch (role) {
    case 'archive':
      return { do: 'archive' };
    case 'junk':
      return { do: 'junk' };
    case 'trash':
      return { do: 'delete' };
    default:
      return { do: 'move', mailboxId: id };
  }
}
