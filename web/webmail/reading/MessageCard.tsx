import { Suspense, useRef, useState } from 'react';
import { useTexts, type Texts } from '#web/locales/texts.ts';
import { Avatar } from '#web/ui/Avatar.tsx';
import { Badge } from '#web/ui/Badge.tsx';
import { Banner } from '#web/ui/Banner.tsx';
import { IconButton } from '#web/ui/Button.tsx';
import { classes } from '#web/ui/classes.ts';
import { later } from '#web/ui/later.ts';
import { Menu } from '#web/ui/Menu.tsx';
import { useToast } from '#web/ui/Toasts.tsx';
import { useActions, useArchived, useModel, useOwn } from '#web/webmail/MailContext.tsx';
import type { MessageView, PersonView } from '#web/webmail/model.ts';
import { navigate } from '#web/webmail/navigation.ts';
import { draftRuleFrom } from '#web/webmail/settings/rule-draft.ts';
import { useNow } from '#web/webmail/use-now.ts';
import { Attachments } from './Attachments.tsx';
import { DeliveryPanel } from './DeliveryPanel.tsx';
import { fetchText, type Encoding } from './fetch-text.ts';
import { Invitation } from './Invitation.tsx';
import { MailFrame } from './MailFrame.tsx';
import { PlainText } from './PlainText.tsx';
import { printElement } from './print.ts';
import { saveFrom } from './save-all.ts';
import { useReportsTaken } from '#web/webmail/report/ReportButton.tsx';

const ReportDialog = later(() =>
  import('#web/webmail/report/ReportDialog.tsx').then(({ ReportDialog }) => ({ default: ReportDialog })),
);
const BlockDialog = later(() => import('./BlockDialog.tsx').then(({ BlockDialog }) => ({ default: BlockDialog })));
const UnsubscribeDialog = later(() =>
  import('./UnsubscribeDialog.tsx').then(({ UnsubscribeDialog }) => ({ default: UnsubscribeDialog })),
);
const EncodingDialog = later(() =>
  import('./EncodingDialog.tsx').then(({ EncodingDialog }) => ({ default: EncodingDialog })),
);
const SourceDialog = later(() => import('./SourceDialog.tsx').then(({ SourceDialog }) => ({ default: SourceDialog })));

export interface MessageCardProps {
  readonly message: MessageView;
  /** Of the conversation. */
  readonly subject: string;
  readonly isOpen: boolean;
  readonly canFold: boolean;
  readonly onToggle: () => void;
}

/** A letter's text, read in another encoding than the one it says it has. */
interface Reread {
  readonly encoding: Encoding;
  readonly html: string | undefined;
  readonly text: string | undefined;
}

export function MessageCard({ message, subject, isOpen, canFold, onToggle }: MessageCardProps) {
  const texts = useTexts();
  const { t } = texts;
  const now = useNow();
  const [areDetailsShown, showDetails] = useState(false);
  const [isSourceShown, showSource] = useState(false);
  const [reread, setReread] = useState<Reread>();
  const card = useRef<HTMLElement>(null);
  const toast = useToast();
  const { contacts } = useModel();
  const isArchived = useArchived();
  const isOwn = useOwn();
  const { from, html, text } = reread === undefined ? message : { ...message, ...reread };
  const readAs = async (encoding: Encoding) => {
    const { html, text } = message.bodyUrls;
    const read = async (url: string | undefined) =>
      url === undefined ? undefined : (await fetchText(url, encoding)).text;
    try {
      const [htmlRead, textRead] = await Promise.all([read(html), read(text)]);
      setReread({ encoding, html: htmlRead, text: textRead });
    } catch {
      toast({ text: t('reading.fetchFailed'), tone: 'trouble' });
    }
  };
  const isReportTaken = useReportsTaken();
  const [isReporting, setReporting] = useState(false);
  const { context } = useActions();
  // To leave what came as junk would only tell its sender that somebody reads it.
  const mayLeave = context.maySend && !message.isSent && context.mailbox?.role !== 'junk';
  const [isLeaving, setLeaving] = useState(false);
  const [isBlocking, setBlocking] = useState(false);
  const [isChoosingEncoding, setChoosingEncoding] = useState(false);
  const saveMessage = () => saveFrom(message.file.url, `${subject}.eml`);
  const makeRule = () => {
    draftRuleFrom(from.address);
    navigate({ screen: 'settings', page: 'filters' });
  };
  const addContact = async () => {
    const { count, why, undo } = await contacts.add([{ ...from, unit: '', isGroup: false }]);
    if (why !== undefined) toast({ text: t(`contactTrouble.${why}`), tone: 'trouble' });
    else if (count === 0) toast({ text: t('contacts.alreadyThere', { name }) });
    else
      toast({
        text: t('contacts.added', { count }),
        action: { label: t('shell.undo'), run: () => void undo() },
      });
  };
  const invitation = message.attachments.find(({ type }) => type === 'text/calendar');
  // Without a name it is the invitation again, which is shown already.
  const attachments = message.attachments.filter((one) => one !== invitation || one.name !== '');
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
        <span className="card__who one-line">
          {message.isDraft && <Badge tone="seal">{t('reading.draft')}</Badge>} {name}
        </span>
        <span className="card__preview one-line">{message.preview}</span>
        {when}
      </button>
    );
  }
  return (
    <article
      ref={card}
      data-letter={message.id}
      className={classes('card', message.isUnread && 'card--unread')}
      aria-label={t('reading.messageFrom', { name })}
    >
      <header className="card__head">
        <Avatar name={from.name} address={from.address} size="large" />
        <div className="card__people">
          <p className="card__from">
            <bdi className="card__name">{name}</bdi>
            {from.name !== '' && <bdi className="card__address">{from.address}</bdi>}
            {message.isDraft && <Badge tone="seal">{t('reading.draft')}</Badge>}
            {message.isOutside && <Badge tone="warn">{t('reading.outside')}</Badge>}
            {mayLeave && message.unsubscribing && (
              <button type="button" className="card__leave" onClick={() => setLeaving(true)}>
                {t('unsubscribe.title')}
              </button>
            )}
          </p>
          <p className="card__to">
            <span className="one-line">{toText(message, t)}</span>
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
          <Menu
            label={t('reading.more')}
            align="end"
            groups={[
              context.maySend && !message.isDraft
                ? [
                    {
                      label: t('action.reply'),
                      icon: 'reply',
                      choose: () => context.compose('reply', { messageId: message.id }),
                    },
                    {
                      label: t('action.replyAll'),
                      icon: 'replyAll',
                      choose: () => context.compose('replyAll', { messageId: message.id }),
                    },
                    {
                      label: t('action.forward'),
                      icon: 'forward',
                      choose: () => context.compose('forward', { messageId: message.id }),
                    },
                    {
                      label: t('action.forwardFiles'),
                      icon: 'attachment',
                      choose: () => context.compose('forwardAttached', { messageId: message.id }),
                    },
                    ...(message.isSent
                      ? [
                          {
                            label: t('action.writeAgain'),
                            icon: 'compose' as const,
                            choose: () => context.writeAgain(message.id),
                          },
                        ]
                      : []),
                  ]
                : [],
              [
                { label: t('reading.print'), icon: 'print', choose: () => card.current && printElement(card.current) },
                { label: t('reading.saveMessage'), icon: 'download', choose: saveMessage },
                { label: t('reading.source'), icon: 'info', choose: () => showSource(true) },
                ...(isReportTaken
                  ? [{ label: t('report.title'), icon: 'help' as const, choose: () => setReporting(true) }]
                  : []),
              ],
              // Contacts and filters are a person's, and no box has them.
              !isOwn || isArchived || message.isSent || from.address === ''
                ? []
                : [
                    { label: t('reading.addContact'), icon: 'person', choose: () => void addContact() },
                    { label: t('reading.makeRule'), icon: 'filter', choose: makeRule },
                    { label: t('reading.block'), icon: 'junk', choose: () => setBlocking(true) },
                  ],
              [{ label: t('reading.encoding'), icon: 'globe', choose: () => setChoosingEncoding(true) }],
            ]}
            renderButton={(props) => <IconButton {...props} label={t('reading.more')} icon="more" size="small" />}
          />
          {canFold && <IconButton label={t('reading.fold')} icon="minimise" size="small" onClick={onToggle} />}
        </div>
      </header>
      {areDetailsShown && (
        <dl className="card__details">
          <People name={t('compose.from')} people={[from]} />
          {message.to.length > 0 && <People name={t('compose.to')} people={message.to} />}
          {message.cc.length > 0 && <People name={t('compose.cc')} people={message.cc} />}
          <dt>{t('reading.date')}</dt>
          <dd>{texts.full(message.sentAt)}</dd>
        </dl>
      )}
      {message.isSent && <DeliveryPanel letterId={message.id} />}
      {message.resembles !== undefined && (
        <Banner tone="trouble" icon="warning">
          {t('reading.resembles', { address: from.address, domain: message.resembles })}
        </Banner>
      )}
      {message.claims !== undefined && (
        <Banner tone="trouble" icon="warning">
          {t('reading.claims', { claimed: message.claims, address: from.address })}
        </Banner>
      )}
      {!message.isVerified && (
        <Banner tone="warn" icon="shield">
          {t('reading.notVerified', { address: from.address })}
        </Banner>
      )}
      {invitation && <Invitation url={invitation.url} message={message} />}
      <div className="card__body">
        {html === undefined ? (
          <PlainText text={text ?? ''} />
        ) : (
          <MailFrame
            key={reread?.encoding}
            html={html}
            pictures={message.pictures}
            title={t('reading.messageFrom', { name })}
            onAsked={(asked) => context.compose('new', { asked })}
          />
        )}
      </div>
      {attachments.length > 0 && <Attachments attachments={attachments} subject={subject} />}
      {isSourceShown && (
        <Suspense>
          <SourceDialog url={message.file.url} onClose={() => showSource(false)} />
        </Suspense>
      )}
      {isChoosingEncoding && (
        <Suspense>
          <EncodingDialog
            encoding={reread?.encoding}
            onChoose={(encoding) => (encoding === undefined ? setReread(undefined) : void readAs(encoding))}
            onClose={() => setChoosingEncoding(false)}
          />
        </Suspense>
      )}
      {isBlocking && (
        <Suspense>
          <BlockDialog address={from.address} onClose={() => setBlocking(false)} />
        </Suspense>
      )}
      {isLeaving && message.unsubscribing && (
        <Suspense>
          <UnsubscribeDialog message={message} way={message.unsubscribing} onClose={() => setLeaving(false)} />
        </Suspense>
      )}
      {isReporting && (
        <Suspense>
          <ReportDialog about={{ letterId: message.id }} onClose={() => setReporting(false)} />
        </Suspense>
      )}
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

/** Who got a letter that names nobody was told by Cc, or not at all. */
function toText({ to, cc }: MessageView, t: Texts['t']): string {
  if (to.length > 0) return t('reading.to', { people: namesOf(to) });
  return cc.length > 0 ? t('reading.ccOnly', { people: namesOf(cc) }) : t('reading.toNobody');
}

/** Names are told, addresses only where there is none. */
function namesOf(people: readonly PersonView[]): string {
  return people.map(({ name, address }) => name || address).join('、');
}
