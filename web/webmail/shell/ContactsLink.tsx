import { useTexts } from '#web/locales/texts.ts';
import { Icon } from '#web/ui/Icon.tsx';
import { Tooltip } from '#web/ui/Tooltip.tsx';
import { Link } from '#web/webmail/Link.tsx';

export interface ContactsLinkProps {
  readonly isFolded: boolean;
  readonly isCurrent: boolean;
  readonly onFollow?: (() => void) | undefined;
}

/** The way to 通讯录, below the mailboxes. */
export function ContactsLink({ isFolded, isCurrent, onFollow }: ContactsLinkProps) {
  const { t } = useTexts();
  const link = (
    <Link
      to={{ screen: 'contacts', unit: undefined }}
      className="tree__link"
      isCurrent={isCurrent}
      onFollow={onFollow}
      label={t('contacts.title')}
    >
      <Icon name="person" />
      <span className="tree__name one-line">{t('contacts.title')}</span>
    </Link>
  );
  return (
    <nav className="tree side__contacts" aria-label={t('contacts.title')} data-folded={isFolded}>
      {isFolded ? <Tooltip text={t('contacts.title')}>{link}</Tooltip> : link}
    </nav>
  );
}
