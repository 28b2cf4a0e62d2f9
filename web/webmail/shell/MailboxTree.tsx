import { useTexts } from '#web/locales/texts.ts';
import { Icon } from '#web/ui/Icon.tsx';
import { Tooltip } from '#web/ui/Tooltip.tsx';
import { Link } from '#web/webmail/Link.tsx';
import { useLive } from '#web/webmail/live.ts';
import { useModel } from '#web/webmail/MailContext.tsx';
import { arrangeMailboxes, mailboxIcon, mailboxName, type TreeEntry } from '#web/webmail/mailbox-names.ts';

export interface MailboxTreeProps {
  readonly currentId: string | undefined;
  /** Only pictures, in a rail. */
  readonly isFolded: boolean;
  readonly onFollow?: (() => void) | undefined;
}

export function MailboxTree({ currentId, isFolded, onFollow }: MailboxTreeProps) {
  const texts = useTexts();
  const { t } = texts;
  const { roles, others } = arrangeMailboxes(useLive(useModel().mailboxes));
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
      <li key={mailbox.id} style={isFolded ? undefined : { paddingInlineStart: `${depth}rem` }}>
        {isFolded ? <Tooltip text={name}>{link}</Tooltip> : link}
      </li>
    );
  };
  return (
    <nav className="tree scroll" aria-label={t('shell.mailboxes')} data-folded={isFolded}>
      <ul>{roles.map(entry)}</ul>
      {others.length > 0 && !isFolded && (
        <>
          <h2 className="tree__heading">{t('shell.folders')}</h2>
          <ul>{others.map(entry)}</ul>
        </>
      )}
    </nav>
  );
}
