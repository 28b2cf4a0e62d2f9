import { useTexts } from '#web/locales/texts.ts';
import { Banner } from '#web/ui/Banner.tsx';
import { Link } from '#web/webmail/Link.tsx';
import { useLive } from '#web/webmail/live.ts';
import { site } from '#web/webmail/site.ts';
import { useNow } from '#web/webmail/use-now.ts';

/** In its last months people are asked to take their mail along. */
const LAST_MONTHS_MS = 120 * 86_400_000;

/** On every page of an old mail system: what it is, till when, and where the new one is (domain.md S-03). */
export function ArchiveBanner({ offersTakeOut = false }: { readonly offersTakeOut?: boolean }) {
  const { t, language, day } = useTexts();
  const now = useNow();
  const { archive } = useLive(site);
  if (archive === null) return null;
  const { until, url, title, englishTitle, hasEnded } = archive;
  const lastDay = new Date(`${until}T00:00`);
  const isLate = hasEnded || lastDay.getTime() - now.getTime() < LAST_MONTHS_MS;
  return (
    <div className="archive-banner">
      <Banner tone={isLate ? 'warn' : 'info'} icon="lock">
        {hasEnded ? t('signIn.archiveEnded') : t('archive.banner', { day: day(lastDay, now) })}{' '}
        {url !== null && <a href={url}>{t('archive.toNew', { place: language === 'en' ? englishTitle : title })}</a>}
        {isLate && offersTakeOut && (
          <>
            {' '}
            <Link to={{ screen: 'settings', page: 'profile' }}>{t('archive.takeOut')}</Link>
          </>
        )}
      </Banner>
    </div>
  );
}
