import { useTexts } from '#web/locales/texts.ts';
import { Banner } from '#web/ui/Banner.tsx';
import { Link } from '#web/webmail/Link.tsx';
import type { LinkRefused } from './auth.ts';

/** Why a password did not open anything, and where to go instead. */
export function RefusalBanner({ refused }: { readonly refused: LinkRefused }) {
  const { t, language } = useTexts();
  const { error, place, url, retryAfter } = refused;
  const textOf = (): string => {
    if (place !== undefined)
      return t(error === 'archiveEnded' ? 'signIn.archiveEndedOf' : 'signIn.wrongDoorOf', {
        place: language === 'en' ? place.englishTitle : place.title,
      });
    switch (error) {
      case 'expired':
      case 'unknown':
      case 'linked':
        return t(`sso.${error}`);
      default:
        return t(`signIn.${error}`);
    }
  };
  return (
    <Banner tone={error === 'passwordChangeRequired' ? 'warn' : 'trouble'}>
      {textOf()}
      {error === 'notActivated' && (
        <>
          {' '}
          <Link to={{ screen: 'activate', step: 'verify' }}>{t('signIn.activate')}</Link>
        </>
      )}
      {error === 'frozen' && (
        <>
          {' '}
          <Link to={{ screen: 'recover', step: 'name' }}>{t('signIn.showByPhone')}</Link>
        </>
      )}
      {url !== undefined && <a href={url}> {t('signIn.goThere')}</a>}
      {retryAfter > 0 && ` ${t('signIn.retryAfter', { minutes: Math.ceil(retryAfter / 60) })}`}
    </Banner>
  );
}
