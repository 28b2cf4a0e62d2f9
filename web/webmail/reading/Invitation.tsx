import { useEffect, useState } from 'react';
import { useTexts, type Texts } from '#web/locales/texts.ts';
import { Icon } from '#web/ui/Icon.tsx';
import { readInvitation, type CalendarEvent, type CalendarMoment } from './calendar.ts';
import { fetchText } from './fetch-text.ts';

/** What an invitation says, above the letter that brought it. Shows nothing where it cannot be read. */
export function Invitation({ url }: { readonly url: string }) {
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
  const { summary, location, organizer, start, end, attendeeCount, isCancelled, isReply, isRepeated } = event;
  return (
    <section className="invitation" aria-label={t('invitation.title')}>
      <Icon name="calendar" />
      <div>
        <p className="invitation__kind">
          {isCancelled ? t('invitation.cancelled') : isReply ? t('invitation.reply') : t('invitation.title')}
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
                {end && ` – ${show(end, texts)}`}
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
                {attendeeCount > 0 && ` · ${t('invitation.attendees', { count: attendeeCount })}`}
              </dd>
            </>
          )}
        </dl>
      </div>
    </section>
  );
}

function show({ at, text, isDay }: CalendarMoment, texts: Texts): string {
  if (at === undefined) return text;
  return isDay ? text : texts.full(at);
}
