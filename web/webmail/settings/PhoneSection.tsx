import { useEffect, useState } from 'react';
import { useTexts } from '#web/locales/texts.ts';
import { Banner } from '#web/ui/Banner.tsx';
import { Button } from '#web/ui/Button.tsx';
import { Field } from '#web/ui/Field.tsx';
import { isRefused, ownAccount, type Refused } from '#web/webmail/activation/api.ts';
import { CodeField } from '#web/webmail/activation/CodeField.tsx';
import { refusalText } from '#web/webmail/activation/refusal-text.ts';
import { useNow } from '#web/webmail/use-now.ts';
import '#web/webmail/activation/activation.css';

/** 设置 → 高级功能 → 手机绑定. Another number: release the one that is bound, then bind the new one (S-26). */
export function PhoneSection() {
  const texts = useTexts();
  const { t } = texts;
  const now = useNow();
  /** Undefined: not known yet; null: none is bound. */
  const [bound, setBound] = useState<string | null>();
  const [isOpen, open] = useState(false);
  const [phone, setPhone] = useState('');
  const [code, setCode] = useState('');
  const [password, setPassword] = useState('');
  const [refused, setRefused] = useState<Refused>();
  const [isBusy, setBusy] = useState(false);
  const [waitsUntil, setWaitsUntil] = useState(0);
  useEffect(() => {
    void ownAccount.phone().then((answer) => !isRefused(answer) && setBound(answer.phone));
  }, []);
  if (bound === undefined) return null;

  const submit = async () => {
    setBusy(true);
    const answer = await (bound === null ? ownAccount.bind(phone, code, password) : ownAccount.unbind(code));
    setBusy(false);
    setCode('');
    if (isRefused(answer)) return setRefused(answer);
    setRefused(undefined);
    setPassword('');
    setPhone('');
    setWaitsUntil(0);
    // Released to bind another: the form stays.
    open(bound !== null);
    setBound(answer.phone);
  };
  const send = async (): Promise<number> => {
    const answer = await ownAccount.sendCode(phone);
    if (!isRefused(answer)) {
      setRefused(undefined);
      return answer.retryAfter;
    }
    setRefused(answer);
    return 0;
  };
  return (
    <section className="own-steps" aria-labelledby="own-phone">
      <h3 id="own-phone" className="settings__subheading">
        {t('phone.title')}
      </h3>
      <p className="own-steps__row">
        {bound === null ? t('phone.none') : <span className="own-steps__value numbers">{bound}</span>}
        {!isOpen && <Button onClick={() => open(true)}>{bound === null ? t('phone.bind') : t('phone.release')}</Button>}
      </p>
      <p className="sign-in__quiet">{t('phone.hint')}</p>
      {isOpen && (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void submit();
          }}
        >
          {refused !== undefined && <Banner tone="trouble">{refusalText(texts, refused, now)}</Banner>}
          {bound === null ? (
            <Field
              name="phone"
              type="tel"
              label={t('steps.phone')}
              value={phone}
              onChange={(event) => setPhone(event.target.value)}
              inputMode="tel"
              autoComplete="tel-national"
              required
              maxLength={40}
            />
          ) : (
            <p>{t('phone.releaseHint', { phone: bound })}</p>
          )}
          <CodeField
            waitsUntil={waitsUntil}
            onWait={setWaitsUntil}
            value={code}
            onChange={setCode}
            onSend={send}
            canSend={bound !== null || phone.replaceAll(/\D/g, '').length >= 11}
          />
          {bound === null && (
            <Field
              name="password"
              type="password"
              label={t('phone.password')}
              hint={t('phone.passwordHint')}
              value={password}
              onChange={(event) => setPassword(event.target.value)}
              autoComplete="current-password"
              required
              maxLength={1024}
            />
          )}
          <div className="own-steps__row">
            <Button type="submit" kind={bound === null ? 'primary' : 'danger'} isBusy={isBusy}>
              {bound === null ? t('phone.bind') : t('phone.release')}
            </Button>
            <Button
              kind="quiet"
              onClick={() => {
                open(false);
                setRefused(undefined);
              }}
            >
              {t('phone.cancel')}
            </Button>
          </div>
        </form>
      )}
    </section>
  );
}
