import { useEffect, useState } from 'react';
import { useTexts, type Texts } from '#web/locales/texts.ts';
import { Icon } from '#web/ui/Icon.tsx';
import { Button } from '#web/ui/Button.tsx';
import { useToast } from '#web/ui/Toasts.tsx';
import { mayWriteFrom } from '#web/webmail/endings.ts';
import { useLive } from '#web/webmail/live.ts';
import { useActions, useModel } from '#web/webmail/MailContext.tsx';
import type { MessageView } from '#web/webmail/model.ts';
import {
  ANSWERS,
  formatAnswer,
  readInvitation,
  type Answer,
  type CalendarEvent,
  type CalendarMoment,
} from './calendar.ts';
import { fetchText } from './fetch-text.ts';

/** What an invitation says, above the letter that brought it, and how to answer it. Shows nothing where it cannot be read. */
export function Invitation({ url, message }: { readonly url: string; readonly message: MessageView }) {
  const texts = useTexts();
  const { t } = texts;
  const [event, setEvent] = useState<CalendarEvent>();
  useEffect(() => {
    fetchText(url).then(
      ({ text }) => setEvent(readInvitation(text)),
      () => undefined,
    );
  }, [url]);
  if (event === undefined) return null;
  const { summary, location, organizer, start, end, attendees, isCancelled, isReply, isChanged, isRepeated } = event;
  const [answered] = attendees;
  return (
    <section className="invitation" aria-label={t('invitation.title')}>
      <Icon name="calendar" />
      <div>
        <p className="invitation__kind">
          {isCancelled
            ? t('invitation.cancelled')
            : isReply
              ? t('invitation.reply')
              : isChanged
                ? t('invitation.changed')
                : t('invitation.title')}
          {isReply && answered?.answer && ` · ${answered.name || answered.address} ${t(`answered.${answered.answer}`)}`}
        </p>
        <p className="invitation__summary">
          <bdi>{summary || t('list.noSubject')}</bdi>
        </p>
        <dl>
          {start && (
            <>
              <dt>{t('invitation.when')}</dt>
              <dd>
                {show(start, texts)}
                {end && ` – ${showEnd(end, start, texts)}`}
                {isRepeated && ` · ${t('invitation.repeated')}`}
              </dd>
            </>
          )}
          {location !== '' && (
            <>
              <dt>{t('invitation.where')}</dt>
              <dd>
                <bdi>{location}</bdi>
              </dd>
            </>
          )}
          {organizer !== '' && (
            <>
              <dt>{t('invitation.organizer')}</dt>
              <dd>
                <bdi>{organizer}</bdi>
                {attendees.length > 1 && ` · ${t('invitation.attendees', { count: attendees.length })}`}
              </dd>
            </>
          )}
        </dl>
        {event.isAnswerable && <Answers event={event} message={message} />}
      </div>
    </section>
  );
}

/** 接受, 暂定, 拒绝: sent to the organizer. */
function Answers({ event, message }: { readonly event: CalendarEvent; readonly message: MessageView }) {
  const { t } = useTexts();
  const toast = useToast();
  const model = useModel();
  const { maySend } = useActions().context;
  const { identities } = useLive(model.account);
  const [given, give] = useState<Answer>();
  const isMe = (address: string) => identities.some((own) => own.address.toLowerCase() === address.toLowerCase());
  const { organizer, organizerAddress, summary, attendees } = event;
  if (isMe(organizerAddress)) return null;
  const invited = attendees.find(({ address }) => isMe(address))?.address.toLowerCase();
  const from =
    identities.find((own) => own.address.toLowerCase() === invited && mayWriteFrom(own)) ??
    identities.find(mayWriteFrom);
  if (from === undefined) return null;
  const answer = async (answer: Answer) => {
    give(answer);
    const what = t(`answer.${answer}`);
    await model.writing.answer({
      from: { name: from.name, address: from.address },
      to: { name: organizer === organizerAddress ? '' : organizer, address: organizerAddress },
      subject: `${what}${t('invitation.colon')}${summary}`,
      text: t('invitation.answerText', { who: from.name || from.address, what, summary }),
      calendar: formatAnswer(event, { name: from.name, address: from.address, answer }, now()),
      concerns: message.id,
    });
    toast({ text: t('invitation.answered', { what, who: organizerAddress }) });
  };
  return (
    <>
      {organizerAddress.toLowerCase() !== message.from.address.toLowerCase() && (
        <p className="invitation__note">{t('invitation.otherOrganizer', { address: organizerAddress })}</p>
      )}
      {maySend && (
        <div className="invitation__answers" role="group" aria-label={t('invitation.answer')}>
          {ANSWERS.map((one) => (
            <Button
              key={one}
              kind={one === 'ACCEPTED' && given === undefined ? 'primary' : 'plain'}
              aria-pressed={given === one}
              onClick={() => void answer(one)}
            >
              {t(`answer.${one}`)}
            </Button>
          ))}
        </div>
      )}
    </>
  );
}

const now = (): Date => new Date();

/** Of the same day only the time. */
function showEnd(end: CalendarMoment, start: CalendarMoment, texts: Texts): string {
  const isSameDay = !end.isDay && end.at?.toDateString() === start.at?.toDateString();
  return isSameDay && end.at && start.at ? texts.moment(end.at, start.at) : show(end, texts);
}

function show({ at, text, isDay }: CalendarMoment, texts: Texts): string {
  if (at === undefined) return text;
  return isDay ? text : texts.full(at);
}
