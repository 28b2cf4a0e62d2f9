import { useTexts } from '#web/locales/texts.ts';
import { IconButton } from '#web/ui/Button.tsx';
import { Icon } from '#web/ui/Icon.tsx';
import { install, installPrompt } from '#web/webmail/install-prompt.ts';
import { Link } from '#web/webmail/Link.tsx';
import { useLive } from '#web/webmail/live.ts';
import { useModel } from '#web/webmail/MailContext.tsx';
import { navigate } from '#web/webmail/navigation.ts';
import { site } from '#web/webmail/site.ts';

/** 左下角: where the notice says that clients are found; and how full the mailbox is. */
export function ClientCorner({
  isFolded,
  onFollow,
}: {
  readonly isFolded: boolean;
  readonly onFollow?: (() => void) | undefined;
}) {
  const { t, size, number } = useTexts();
  const { quota } = useLive(useModel().account);
  const canInstall = useLive(installPrompt) !== undefined;
  // Programs do not get into an archive.
  const isForPrograms = useLive(site).archive === null;
  if (isFolded && !isForPrograms) return null;
  if (isFolded)
    return (
      <div className="corner">
        <IconButton label={t('setup.title')} icon="phone" onClick={() => navigate({ screen: 'setup' })} />
      </div>
    );
  const share = quota ? quota.usedBytes / quota.limitBytes : 0;
  return (
    <div className="corner">
      {quota && (
        <div className="corner__quota">
          <span className="numbers">
            {t('shell.quota', { used: size(quota.usedBytes), limit: size(quota.limitBytes) })}
          </span>
          <meter
            aria-label={t('shell.quotaName')}
            min={0}
            max={1}
            low={0.8}
            high={0.95}
            optimum={0}
            value={share}
            title={`${number(Math.round(share * 100))} %`}
          />
        </div>
      )}
      {canInstall && isForPrograms && (
        <button type="button" className="corner__link" onClick={install}>
          <Icon name="download" />
          <span>{t('setup.installNow')}</span>
        </button>
      )}
      {isForPrograms && (
        <Link to={{ screen: 'setup' }} className="corner__link" onFollow={onFollow}>
          <Icon name="phone" />
          <span>
            {t('setup.corner')}
            <small>{t('setup.cornerHint')}</small>
          </span>
        </Link>
      )}
    </div>
  );
}
