import type { ReactNode } from 'react';
import { useTexts } from '#web/locales/texts.ts';
import { Badge } from '#web/ui/Badge.tsx';

/** One thing that protects the account, or several of a kind. */
export function SecuritySection({
  title,
  hint,
  children,
}: {
  readonly title: string;
  readonly hint?: string;
  readonly children: ReactNode;
}) {
  return (
    <section className="security__section" aria-label={title}>
      <h3 className="settings__subheading">{title}</h3>
      {hint !== undefined && <p className="settings__quiet">{hint}</p>}
      {children}
    </section>
  );
}

export function SecurityRow({
  name,
  note,
  isOn,
  isInner = false,
  children,
}: {
  readonly name: string;
  readonly note?: string;
  readonly isOn?: boolean;
  readonly isInner?: boolean;
  readonly children: ReactNode;
}) {
  const { t } = useTexts();
  return (
    <div className={isInner ? 'security__row security__row--inner' : 'security__row'}>
      <div className="security__what">
        <p>
          <bdi>{name}</bdi> {isOn === true && <Badge tone="good">{t('security.isOn')}</Badge>}
        </p>
        {note !== undefined && <p className="settings__quiet">{note}</p>}
      </div>
      {children}
    </div>
  );
}
