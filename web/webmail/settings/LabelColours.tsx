import { useTexts } from '#web/locales/texts.ts';
import { COLOURS } from '#web/webmail/labels.ts';
import { useModel } from '#web/webmail/MailContext.tsx';
import { setPreferences, usePreferences } from '#web/webmail/preferences.ts';
import { useLabelColour } from '#web/webmail/use-label-colour.ts';

/** A colour for each label that stands on mail; nothing where there is none. */
export function LabelColours() {
  const { t } = useTexts();
  const { labelColours } = usePreferences();
  const colourOf = useLabelColour();
  const labels = useModel().labels();
  if (labels.length === 0) return null;
  return (
    <section aria-label={t('settings.labelColours')}>
      <h3 className="settings__subheading">{t('settings.labelColours')}</h3>
      <ul className="settings__list">
        {labels.map((label) => (
          <li key={label.keyword}>
            <bdi className={`label avatar--${colourOf(label)}`}>{label.name}</bdi>
            <span className="swatches" role="radiogroup" aria-label={t('settings.colourOf', { name: label.name })}>
              {Array.from({ length: COLOURS }, (_, colour) => (
                <label key={colour} className={`swatch avatar--${colour}`}>
                  <input
                    type="radio"
                    name={`colour of ${label.keyword}`}
                    aria-label={t('settings.colourNumber', { number: colour + 1 })}
                    checked={colourOf(label) === colour}
                    onChange={() => setPreferences({ labelColours: { ...labelColours, [label.keyword]: colour } })}
                  />
                </label>
              ))}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
