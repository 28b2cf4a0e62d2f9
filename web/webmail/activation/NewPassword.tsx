import { useState, type Ref } from 'react';
import type { PasswordProblem } from '#contract/activation.ts';
import { useTexts } from '#web/locales/texts.ts';
import { Field } from '#web/ui/Field.tsx';
import { ShowPassword } from '#web/webmail/sign-in/ShowPassword.tsx';

export interface NewPasswordProps {
  readonly value: string;
  readonly onChange: (password: string) => void;
  readonly problems: readonly PasswordProblem[];
  /** For password managers: whose it is. */
  readonly username: string;
  readonly ref?: Ref<HTMLInputElement>;
}

/** A new password, once: shown if one likes, which prevents more mistakes than typing it twice. */
export function NewPassword({ value, onChange, problems, username, ref }: NewPasswordProps) {
  const { t } = useTexts();
  const [isShown, show] = useState(false);
  return (
    <>
      <input type="text" name="username" autoComplete="username" value={username} readOnly hidden />
      <Field
        {...(ref === undefined ? {} : { ref })}
        name="new-password"
        type={isShown ? 'text' : 'password'}
        label={t('steps.newPassword')}
        hint={t('steps.newPasswordHint')}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        autoComplete="new-password"
        autoCapitalize="none"
        spellCheck={false}
        required
        maxLength={256}
        suffix={<ShowPassword isShown={isShown} onChange={show} />}
      />
      {problems.length > 0 && (
        <ul className="steps__problems" role="alert">
          {problems.map((problem) => (
            <li key={problem}>{t(`newPassword.${problem}`)}</li>
          ))}
        </ul>
      )}
    </>
  );
}
