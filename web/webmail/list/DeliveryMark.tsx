import { useTexts } from '#web/locales/texts.ts';
import { Icon } from '#web/ui/Icon.tsx';
import { useLive } from '#web/webmail/live.ts';
import { useModel } from '#web/webmail/MailContext.tsx';
import { DELIVERY_LOOKS, summariseDelivery } from '#web/webmail/reading/delivery-summary.ts';
import '#web/webmail/reading/delivery.css';

/** In sent mail: what became of it, in a picture. */
export function DeliveryMark({ letterId }: { readonly letterId: string }) {
  const { t } = useTexts();
  const trace = useLive(useModel().traces.ofLetter(letterId));
  if (trace === undefined) return null;
  const { state } = summariseDelivery(trace);
  if (state === 'unknown') return null;
  const { icon, label, tone } = DELIVERY_LOOKS[state];
  return (
    <span className={`delivery-mark delivery-mark--${tone}`} title={t(label)}>
      <Icon name={icon} size="small" />
      <span className="visually-hidden">{t(label)}</span>
    </span>
  );
}
