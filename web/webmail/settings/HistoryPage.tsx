import { useEffect, useState } from 'react';
import { useTexts } from '#web/locales/texts.ts';
import { Badge } from '#web/ui/Badge.tsx';
import { Banner } from '#web/ui/Banner.tsx';
import { Button } from '#web/ui/Button.tsx';
import { Skeleton } from '#web/ui/EmptyState.tsx';
import { useModel } from '#web/webmail/MailContext.tsx';
import { endSession, listSessions, signOutEverywhere, type OpenSession } from '#web/webmail/sign-in/auth.ts';
import { browserOf } from './browser-of.ts';

/** 登录记录: where one is signed in, and signing out there. */
export function HistoryPage() {
  const { t, full } = useTexts();
  const model = useModel();
  const [sessions, setSessions] = useState<readonly OpenSession[] | 'failed'>();
  const load = () => void listSessions().then((found) => setSessions(found ?? 'failed'));
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
    </div>
  );
}
