import { useTexts } from '#web/locales/texts.ts';
import { useLive } from '#web/webmail/live.ts';
import { site } from '#web/webmail/site.ts';
import './phones.css';

/** The help desk, on every page where somebody may be stuck. */
export function Phones() {
  const { t } = useTexts();
  const { phones, mail } = useLive(site);
  if (phones.length === 0 && mail === null) return null;
  return (
    <p className="phones">
      {t('help.phones')}{' '}
      {phones.map((phone) => (
        <a key={phone} className="numbers" href={`tel:${phone.replace(/[^\d+]/g, '')}`}>
          {phone}
        </a>
      ))}{' '}
      {mail !== null && <a href={`mailto:${mail}`}>{mail}</a>}
    </p>
  );
}
