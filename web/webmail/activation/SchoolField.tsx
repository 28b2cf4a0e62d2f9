import { useState } from 'react';
import type { School } from '#contract/activation.ts';
import { useTexts } from '#web/locales/texts.ts';
import { Field } from '#web/ui/Field.tsx';

export interface SchoolFieldProps {
  readonly schools: readonly School[];
  readonly value: string;
  readonly onChange: (id: string) => void;
}

/** The schools that what was typed may mean: a part of the name, of its pinyin, or its initials. */
export function findSchools(schools: readonly School[], text: string): readonly School[] {
  const wanted = text.normalize('NFKC').replaceAll(/\s/g, '').toLowerCase();
  if (wanted === '') return schools;
  return schools.filter(({ name, englishName, pinyin, initials }) =>
    [name, englishName.replaceAll(/\s/g, ''), pinyin, initials].some((one) => one.toLowerCase().includes(wanted)),
  );
}

export function SchoolField({ schools, value, onChange }: SchoolFieldProps) {
  const texts = useTexts();
  const { t } = texts;
  const nameOf = (school: School) => (texts.language === 'en' ? school.englishName : school.name);
  const chosen = schools.find(({ id }) => id === value);
  const [text, setText] = useState<string>();
  const found = text === undefined ? [] : findSchools(schools, text);
  return (
    <div>
      <Field
        name="school"
        label={t('activate.school')}
        hint={text !== undefined && found.length === 0 ? t('activate.noSchool') : undefined}
        value={text ?? (chosen === undefined ? '' : nameOf(chosen))}
        onChange={(event) => setText(event.target.value)}
        onFocus={(event) => event.target.select()}
        autoComplete="off"
        required
      />
      {text !== undefined && found.length > 0 && (
        <ul className="steps__schools" aria-label={t('activate.school')}>
          {found.slice(0, 8).map((school) => (
            <li key={school.id}>
              <button
                type="button"
                onClick={() => {
                  onChange(school.id);
                  setText(undefined);
                }}
              >
                {school.name}
                <small>{school.englishName}</small>
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
