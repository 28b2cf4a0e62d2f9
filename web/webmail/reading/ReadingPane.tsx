import { useEffect, useState } from 'react';
import { useTexts } from '#web/locales/texts.ts';
import { Badge } from '#web/ui/Badge.tsx';
import { Button, IconButton } from '#web/ui/Button.tsx';
import { EmptyState, Skeleton } from '#web/ui/EmptyState.tsx';
import { Icon } from '#web/ui/Icon.tsx';
import { forward, reply, replyAll } from '#web/webmail/actions/write.ts';
import { Labels } from '#web/webmail/list/Labels.tsx';
import { useLive } from '#web/webmail/live.ts';
import { useActions, useModel } from '#web/webmail/MailContext.tsx';
import type { ConversationView } from '#web/webmail/model.ts';
import { Toolbar } from '#web/webmail/shell/Toolbar.tsx';
import { useLayout } from '#web/webmail/use-layout.ts';
import { MessageCard } from './MessageCard.tsx';
import './reading.css';

export interface ReadingPaneProps {
  readonly conversationId: string;
  /** Where it stands in the list's place: leads back there. */
  readonly onBack: (() => void) | undefined;
}

/** How long a letter is looked at before it counts as read, milliseconds. */
const READ_AFTER_MS = 800;

/** Buttons that have room beside the way back on a phone. */
const MOST_BUTTONS = 6;

export function ReadingPane({ conversationId, onBack }: ReadingPaneProps) {
  const { t } = useTexts();
  const model = useModel();
  const layout = useLayout();
  const conversation = useLive(model.conversation(conversationId));
  const connection = useLive(model.connection);
  return (
    <section className="reading" aria-label={t('reading.pane')}>
      <header className="reading__bar">
        {onBack && <IconButton label={t('action.backToList')} icon="arrowLeft" shortcut="u" onClick={onBack} />}
        {typeof conversation === 'object' && <Toolbar {...(layout === 'phone' && { most: MOST_BUTTONS })} />}
      </header>
      {conversation === 'missing' ? (
        <EmptyState icon="mail" title={t('reading.missing')} />
      ) : conversation === 'loading' ? (
        connection === 'offline' ? (
          <EmptyState icon="mail" title={t('reading.notLoaded')} />
        ) : (
          <Skeleton count={6} />
        )
      ) : (
        <Conversation key={conversation.id} conversation={conversation} isAlone={onBack !== undefined} />
      )}
    </section>
  );
}

interface ConversationProps {
  readonly conversation: ConversationView;
  /** No list beside it: its subject is the page's heading. */
  readonly isAlone: boolean;
}

function Conversation({ conversation, isAlone }: ConversationProps) {
  const { t } = useTexts();
  const { context, run } = useActions();
  const { messages } = conversation;
  const model = useModel();
  const Heading = isAlone ? 'h1' : 'h2';
  const { id } = conversation;
  const isUnread = messages.some((message) => message.isUnread);
  // Once for each opening, which is when its letters are there: who marks it unread again while it is open means it.
  useEffect(() => {
    if (!isUnread) return;
    const timer = window.setTimeout(() => model.change({ do: 'setUnread', to: false }, [id]), READ_AFTER_MS);
    return () => window.clearTimeout(timer);
    // eslint-disable-next-line react/exhaustive-deps -- whether it is unread is asked when it is opened, not when it changes
  }, [id, model]);
  const [open, setOpen] = useState<ReadonlySet<string>>(() => {
    // A draft below it is written on, and leaves the letter that it answers to be read.
    const newest = messages.findLast(({ isDraft }) => !isDraft);
    return new Set(messages.filter((message) => message.isUnread || message === newest).map(({ id }) => id));
  });
  const toggle = (id: string) => {
    const next = new Set(open);
    if (!next.delete(id)) next.add(id);
    setOpen(next);
  };
  return (
    <div className="reading__scroll scroll" tabIndex={-1}>
      <div className="reading__head">
        <Heading className="reading__subject">
          <bdi>{conversation.subject || t('list.noSubject')}</bdi>
        </Heading>
        <Labels labels={conversation.labels} />
        {conversation.isMuted && (
          <p className="reading__muted">
            <Icon name="bellOff" size="small" /> {t('reading.muted')}
            {!context.isReadOnly && (
              <Button kind="quiet" onClick={() => context.change({ do: 'setMuted', to: false }, [id])}>
                {t('action.unmute')}
              </Button>
            )}
          </p>
        )}
      </div>
      <ol className="reading__messages">
        {messages.map((message) => (
          <li key={message.id}>
            {message.isDraft && !context.isReadOnly ? (
              <button type="button" className="card card--folded" onClick={() => context.writeOn(message.id)}>
                <Badge tone="seal">{t('reading.draft')}</Badge>
                <span className="card__preview one-line">{message.preview}</span>
              </button>
            ) : (
              <MessageCard
                message={message}
                subject={conversation.subject}
                isOpen={open.has(message.id)}
                onToggle={() => toggle(message.id)}
                canFold={messages.length > 1}
              />
            )}
          </li>
        ))}
      </ol>
      {context.maySend && (
        <div className="reading__answer">
          {[reply, replyAll, forward].map((action) => (
            <Button
              key={action.name}
              icon={action.icon}
              disabled={!action.isEnabled(context)}
              onClick={() => run(action)}
            >
              {t(action.label)}
            </Button>
          ))}
        </div>
      )}
    </div>
  );
}
