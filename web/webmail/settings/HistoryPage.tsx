import { useEffect, useState } from 'react';
import { useTexts } from '#web/locales/texts.ts';
import { Badge } from '#web/ui/Badge.tsx';
import { Banner } from '#web/ui/Banner.tsx';
import { Button } from '#web/ui/Button.tsx';
import { Skeleton } from '#web/ui/EmptyState.tsx';
import { useModel } from '#web/webmail/MailContext.tsx';
import { endSession, listSessions, signOutEverywhere, type OpenSession } from '#web/webmail/sign-in/auth.ts';
import { readHistory, type SignInRecord } from '#web/webmail/sign-in/strong.ts';
import { browserOf } from './browser-of.ts';

/** As mail programs' own settings call them. */
const PROTOCOLS: Readonly<Record<string, string>> = { imap: 'IMAP', pop3: 'POP3', smtp: 'SMTP', jmap: 'JMAP' };

function wordOf(protocol: string, outcome: string): 'records.ended' | 'records.wrong' | 'records.refused' {
  if (protocol === 'oauth') return 'records.ended';
  return outcome === 'invalidCredentials' ? 'records.wrong' : 'records.refused';
}

/** 登录记录: where one is signed in, and signing out there. */
export function HistoryPage() {
  const { t, full } = useTexts();
  const model = useModel();
  const [sessions, setSessions] = useState<readonly OpenSession[] | 'failed'>();
  const [records, setRecords] = useState<readonly SignInRecord[]>([]);
  const load = () => {
    void listSessions().then((found) => setSessions(found ?? 'failed'));
    void readHistory().then((found) => setRecords(found ?? []));
  };
  useEffect(load, []);
  if (sessions === undefined) return <Skeleton count={4} />;
  if (sessions === 'failed')
    return (
      <Banner tone="trouble" action={<Button onClick={load}>{t('shell.tryAgain')}</Button>}>
        {t('history.failed')}
      </Banner>
    );
  return (
    <div className="settings__choices">
      <p className="settings__quiet">{t('history.hint')}</p>
      <ul className="settings__list">
        {sessions.map(({ id, isCurrent, createdAt, usedAt, address, userAgent }) => (
          <li key={id}>
            <div>
              <p>
                {browserOf(userAgent) || t('history.unknown')}{' '}
                {isCurrent && <Badge tone="good">{t('history.here')}</Badge>}
              </p>
              <p className="settings__quiet numbers">
                <bdi>{address}</bdi> · {t('history.times', { since: full(createdAt), last: full(usedAt) })}
              </p>
            </div>
            {!isCurrent && (
              <Button kind="quiet" onClick={() => void endSession(id).then(load)}>
                {t('history.end')}
              </Button>
            )}
          </li>
        ))}
      </ul>
      <div>
        <Button icon="signOut" onClick={() => void signOutEverywhere().then((isDone) => isDone && model.signOut())}>
          {t('history.endAll')}
        </Button>
      </div>
      {records.length > 0 && (
        <section aria-labelledby="history-records">
          <h3 id="history-records" className="settings__subheading">
            {t('records.title')}
          </h3>
          <p className="settings__quiet">{t('records.hint')}</p>
          <ul className="settings__list">
            {records.map(({ at, protocol, address, place, userAgent, outcome }) => (
              <li key={`${at} ${address} ${protocol} ${outcome}`}>
                <div>
                  <p>
                    {protocol === 'oauth'
                      ? t('records.given', { client: userAgent })
                      : browserOf(userAgent) || PROTOCOLS[protocol] || t('records.web')}{' '}
                    {outcome !== 'ok' && <Badge tone="warn">{t(wordOf(protocol, outcome))}</Badge>}
                  </p>
                  <p className="settings__quiet numbers">
                    {place !== '' && `${place} · `}
                    <bdi>{address}</bdi> · {full(new Date(at))}
                  </p>
                </div>
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}
