/** A program asks to be let in: who asks, as whom, for what, and where the answer goes; and the owner's yes or no. */
import { useEffect, useState } from 'react';
import { useTexts } from '#web/locales/texts.ts';
import { Banner } from '#web/ui/Banner.tsx';
import { Button } from '#web/ui/Button.tsx';
import { Icon } from '#web/ui/Icon.tsx';
import type { IconName } from '#web/ui/icons.ts';
import { useModel } from '#web/webmail/MailContext.tsx';
import { formatRoute } from '#web/webmail/routes.ts';
import { useLive } from '#web/webmail/live.ts';
import { site, siteName } from '#web/webmail/site.ts';
import { answerQuestion, readQuestion, type Question, type Unasked } from './grants.ts';
import { SignInTop } from './SignInTop.tsx';
import { isFailure, type Failure } from './strong.ts';
import { useProof } from './use-proof.tsx';
import './sign-in.css';

/** `query`: the program's question, as it stands in the address. */
export function ConsentScreen({ query }: { readonly query: string }) {
  const { t, language } = useTexts();
  const university = siteName(useLive(site), language);
  const [question, setQuestion] = useState<Question | Unasked>();
  useEffect(() => {
    document.title = `${t('consent.title')} · ${university || t('app.name')}`;
  }, [t, university]);
  useEffect(() => void readQuestion(query).then(setQuestion), [query]);
  return (
    <div className="sign-in">
      <SignInTop />
      <main className="sign-in__main sign-in__main--single">
        <section className="sign-in__card" aria-labelledby="consent-title">
          {question !== undefined &&
            ('fault' in question ? <Fault unasked={question} /> : <Ask query={query} question={question} />)}
        </section>
      </main>
    </div>
  );
}

function Fault({ unasked: { fault, url } }: { readonly unasked: Unasked }) {
  const { t } = useTexts();
  return (
    <>
      <h1 id="consent-title">{t('consent.cannot')}</h1>
      <Banner tone="trouble">{t(`consentFault.${fault}`)}</Banner>
      <p className="consent__note">{t('consent.faultHint')}</p>
      {url !== undefined && (
        <a className="button button--plain button--wide" href={url}>
          {t('consent.tellProgram')}
        </a>
      )}
    </>
  );
}

function Ask({ query, question }: { readonly query: string; readonly question: Question }) {
  const { t } = useTexts();
  const model = useModel();
  const { guarded, proofDialog } = useProof();
  const [busy, setBusy] = useState<'yes' | 'no'>();
  const [failure, setFailure] = useState<Failure>();
  const [goesTo, setGoesTo] = useState<string>();
  const { client, scopes, login, destination } = question;

  const answer = async (isAllowed: boolean) => {
    setBusy(isAllowed ? 'yes' : 'no');
    setFailure(undefined);
    const result = await guarded<{ readonly url: string }>(() => answerQuestion(query, isAllowed));
    setBusy(undefined);
    if (result === undefined || isFailure(result)) {
      if (result?.error !== 'dismissed') setFailure(result);
      return;
    }
    setGoesTo(result.url);
    location.assign(result.url);
  };

  if (goesTo !== undefined)
    return (
      <>
        <h1 id="consent-title">{t('consent.done')}</h1>
        <p>{t('consent.goOn', { client })}</p>
        <p className="sign-in__other">
          <a href={goesTo}>{t('consent.goOnByHand')}</a>
        </p>
      </>
    );
  const rights: readonly (readonly [IconName, string])[] = [
    ...(scopes.includes('imap') || scopes.includes('pop') || scopes.includes('jmap')
      ? [['mailOpen', t('consent.read')] as const]
      : []),
    ...(scopes.includes('smtp') || scopes.includes('jmap') ? [['send', t('consent.send')] as const] : []),
    ...(scopes.includes('jmap') ? [['settings', t('consent.settings')] as const] : []),
    ['clock', t(scopes.includes('offline_access') ? 'consent.lasting' : 'consent.anHour')],
  ];
  return (
    <>
      <p className="sign-in__realm">{t('consent.title')}</p>
      <h1 id="consent-title" className="consent__title">
        {t('consent.asks', { client })}
      </h1>
      <div className="consent__account">
        <bdi>{login}</bdi>
        <Button kind="quiet" onClick={() => model.signOut(formatRoute({ screen: 'authorize', query }))}>
          {t('consent.another')}
        </Button>
      </div>
      <p id="consent-rights">{t('consent.rights')}</p>
      <ul className="consent__rights" aria-labelledby="consent-rights">
        {rights.map(([icon, text]) => (
          <li key={icon}>
            <Icon name={icon} />
            <span>{text}</span>
          </li>
        ))}
      </ul>
      <p className="consent__note">
        {destination.kind === 'device' && t('consent.toDevice')}
        {destination.kind === 'program' && t('consent.toProgram', { scheme: destination.scheme })}
        {destination.kind === 'site' && t('consent.toSite', { host: destination.host })}
      </p>
      <Banner tone="warn">{t('consent.warning')}</Banner>
      {failure !== undefined && failure.error !== 'dismissed' && (
        <Banner tone="trouble">{t(`signIn.${failure.error}`)}</Banner>
      )}
      <div className="consent__answers">
        <Button isBusy={busy === 'no'} disabled={busy !== undefined} onClick={() => void answer(false)}>
          {t('consent.no')}
        </Button>
        <Button kind="primary" isBusy={busy === 'yes'} disabled={busy !== undefined} onClick={() => void answer(true)}>
          {t('consent.yes')}
        </Button>
      </div>
      <p className="consent__note">{t('consent.revocable')}</p>
      {proofDialog}
    </>
  );
}
