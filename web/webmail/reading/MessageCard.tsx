import { useState } from 'react';
import { useTexts } from '#web/locales/texts.ts';
import { Avatar } from '#web/ui/Avatar.tsx';
import { Badge } from '#web/ui/Badge.tsx';
import { Banner } from '#web/ui/Banner.tsx';
import { IconButton } from '#web/ui/Button.tsx';
import { classes } from '#web/ui/classes.ts';
import type { MessageView, PersonView } from '#web/webmail/model.ts';
import { useNow } from '#web/webmail/use-now.ts';
import { Attachments } from './Attachments.tsx';
import { MailFrame } from './MailFrame.tsx';
import { PlainText } from './PlainText.tsx';

export interface MessageCardProps {
  readonly message: MessageView;
  readonly isOpen: boolean;
  readonly canFold: boolean;
  readonly onToggle: () => void;
}

export function MessageCard({ message, isOpen, canFold, onToggle }: MessageCardProps) {
  const texts = useTexts();
  const { t } = texts;
  const now = useNow();
  const [areDetailsShown, showDetails] = useState(false);
  const { from } = message;
  const name = from.name || from.address;
  const when = (
    <time className="card__when numbers" dateTime={message.sentAt.toISOString()} title={texts.full(message.sentAt)}>
      {isOpen ? texts.full(message.sentAt) : texts.moment(message.sentAt, now)}
    </time>
  );
  if (!isOpen) {
    return (
      <button type="button" className="card card--folded" aria-expanded={false} onClick={onToggle}>
        <Avatar name={from.name} address={from.address} />
        <span className="card__who one-line">{name}</span>
        <span className="card__preview one-line">{message.preview}</span>
        {when}
      </button>
    );
  }
  return (
    <article
      className={classes('card', message.isUnread && 'card--unread')}
      aria-label={t('reading.messageFrom', { name })}
    >
      <header className="card__head">
        <Avatar name={from.name} address={from.address} size="large" />
        <div className="card__people">
          <p className="card__from">
            <bdi className="card__name">{name}</bdi>
            {from.name !== '' && <bdi className="card__address">{from.address}</bdi>}
            {message.isOutside && <Badge tone="warn">{t('reading.outside')}</Badge>}
          </p>
          <p className="card__to">
            <span className="one-line">{t('reading.to', { people: namesOf(message.to) })}</span>
            <IconButton
              label={t('reading.details')}
              icon="chevronDown"
              size="small"
              aria-expanded={areDetailsShown}
              onClick={() => showDetails(!areDetailsShown)}
            />
          </p>
        </div>
        <div className="card__tail">
          {when}
          {canFold && <IconButton label={t('reading.fold')} icon="minimise" size="small" onClick={onToggle} />}
        </div>
      </header>
      {areDetailsShown && (
        <dl className="card__details">
          <People name={t('compose.from')} people={[from]} />
          <People name={t('compose.to')} people={message.to} />
          {message.cc.length > 0 && <People name={t('compose.cc')} people={message.cc} />}
          <dt>{t('reading.date')}</dt>
          <dd>{texts.full(message.sentAt)}</dd>
        </dl>
      )}
      {!message.isVerified && (
        <Banner tone="warn" icon="shield">
          {t('reading.notVerified', { address: from.address })}
        </Banner>
      )}
      <div className="card__body">
        {message.html === undefined ? (
          <PlainText text={message.text ?? ''} />
        ) : (
          <MailFrame html={message.html} pictures={message.pictures} title={t('reading.messageFrom', { name })} />
        )}
      </div>
      {message.attachments.length > 0 && <Attachments attachments={message.attachments} />}
    </article>
  );
}

function People({ name, people }: { readonly name: string; readonly people: readonly PersonView[] }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>
        {people.map((person) => (
          <bdi key={person.address} className="card__person">
            {person.name && `${person.name} `}
            <span>&lt;{person.address}&gt;</span>
          </bdi>
        ))}
      </dd>
    </>
  );
}

/** Names are told, addresses only where there is none. */
function namesOf(people: readonly PersonView[]): string {
  return people.map(({ name, address }) => name || address).join('、');
}
