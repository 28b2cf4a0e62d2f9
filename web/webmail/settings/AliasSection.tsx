import { useEffect, useState } from 'react';
import type { OwnAlias } from '#contract/activation.ts';
import { useTexts } from '#web/locales/texts.ts';
import { Banner } from '#web/ui/Banner.tsx';
import { Button } from '#web/ui/Button.tsx';
import { Field } from '#web/ui/Field.tsx';
import { isRefused, ownAccount, type Refused } from '#web/webmail/activation/api.ts';
import { refusalText } from '#web/webmail/activation/refusal-text.ts';
import { useNow } from '#web/webmail/use-now.ts';
import '#web/webmail/activation/activation.css';

/** 设置 → 个人信息 → 修改别名. */
export function AliasSection() {
  const texts = useTexts();
  const { t, day } = texts;
  const now = useNow();
  const [own, setOwn] = useState<OwnAlias>();
  const [typed, setTyped] = useState('');
  const [refused, setRefused] = useState<Refused>();
  const [isBusy, setBusy] = useState(false);
  useEffect(() => {
    void ownAccount.alias().then((answer) => !isRefused(answer) && setOwn(answer));
  }, []);
  if (own === undefined) return null;

  const choose = async () => {
    setBusy(true);
    const answer = await ownAccount.chooseAlias(typed);
    setBusy(false);
    if (isRefused(answer)) return setRefused(answer);
    setRefused(undefined);
    setTyped('');
    setOwn(answer);
  };
  const judge = async () => {
    if (typed.trim() === '') return setRefused(undefined);
    const answer = await ownAccount.judgeAlias(typed);
    setRefused(isRefused(answer) ? answer : undefined);
  };
  return (
    <section className="own-steps" aria-labelledby="own-alias">
      <h3 id="own-alias" className="settings__subheading">
        {t('alias.title')}
      </h3>
      {own.address !== null && <bdi className="own-steps__value">{own.address}</bdi>}
      {own.held.map(({ address, until }) => (
        <p key={address}>{t('alias.held', { address, day: day(new Date(until), now) })}</p>
      ))}
      {own.changeableAt === null ? (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void choose();
          }}
        >
          {own.address !== null && <Banner tone="info">{t('alias.changeHint')}</Banner>}
          <Field
            name="alias"
            label={own.address === null ? t('alias.choose') : t('alias.change')}
            hint={t('activate.aliasHint')}
            error={refused === undefined ? undefined : refusalText(texts, refused, now)}
            value={typed}
            onChange={(event) => {
              setTyped(event.target.value);
              setRefused(undefined);
            }}
            onBlur={() => void judge()}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            required
            maxLength={40}
            suffix={<span>@{own.domain}</span>}
          />
          <Button type="submit" isBusy={isBusy}>
            {t('alias.save')}
          </Button>
        </form>
      ) : (
        <p>{t('alias.nextChange', { day: day(new Date(own.changeableAt), now) })}</p>
      )}
    </section>
  );
}
