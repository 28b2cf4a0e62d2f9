import { Suspense, useCallback, useEffect, useState, type ReactNode } from 'react';
import { loadTexts, TextsContext, useTexts, type Texts } from '#web/locales/texts.ts';
import { Button } from '#web/ui/Button.tsx';
import { EmptyState } from '#web/ui/EmptyState.tsx';
import { later } from '#web/ui/later.ts';
import { ToastProvider } from '#web/ui/Toasts.tsx';
import { Boundary } from './Boundary.tsx';
import { Phones } from './help/Phones.tsx';
import { ModelContext } from './MailContext.tsx';
import type { MailModel } from './model.ts';
import { navigate, useRoute } from './navigation.ts';
import { usePreferences } from './preferences.ts';
import { formatRoute, parseRoute, type Route } from './routes.ts';
import { currentSession, ssoAddress, type Session } from './sign-in/auth.ts';
import { redeemTicket, takeTicket } from './sign-in/portal-ticket.ts';
import { ArchiveBanner } from './shell/ArchiveBanner.tsx';
import { Shell } from './shell/Shell.tsx';
import { loadSite, site } from './site.ts';
import { SignInScreen } from './sign-in/SignInScreen.tsx';

const HelpScreen = later(() => import('./help/HelpScreen.tsx').then(({ HelpScreen }) => ({ default: HelpScreen })));
const NoticesScreen = later(() =>
  import('./notices/NoticesScreen.tsx').then(({ NoticesScreen }) => ({ default: NoticesScreen })),
);
const SsoUnlinkedScreen = later(() =>
  import('./sign-in/SsoUnlinkedScreen.tsx').then(({ SsoUnlinkedScreen }) => ({ default: SsoUnlinkedScreen })),
);
const ConsentScreen = later(() =>
  import('./sign-in/ConsentScreen.tsx').then(({ ConsentScreen }) => ({ default: ConsentScreen })),
);
const SetupScreen = later(() => import('./help/SetupScreen.tsx').then(({ SetupScreen }) => ({ default: SetupScreen })));

const ActivateScreen = later(() =>
  import('./activation/ActivateScreen.tsx').then(({ ActivateScreen }) => ({ default: ActivateScreen })),
);
const OwedPhoneScreen = later(() =>
  import('./sign-in/OwedPhoneScreen.tsx').then(({ OwedPhoneScreen }) => ({ default: OwedPhoneScreen })),
);
const OwedTermsScreen = later(() =>
  import('./sign-in/OwedTermsScreen.tsx').then(({ OwedTermsScreen }) => ({ default: OwedTermsScreen })),
);
const RecoverScreen = later(() =>
  import('./activation/RecoverScreen.tsx').then(({ RecoverScreen }) => ({ default: RecoverScreen })),
);

export interface WebmailProps {
  /** Opens the mail of who is signed in. */
  readonly openModel: (session: Session) => Promise<MailModel>;
  /** Who is signed in, as the server was asked when the page began. */
  readonly asked: ReturnType<typeof currentSession>;
}

/** The webmail as a whole: its language, who is signed in, and what may be seen by nobody in particular. */
export function Webmail({ openModel, asked }: WebmailProps) {
  const { language } = usePreferences();
  const [texts, setTexts] = useState<Texts>();
  useEffect(() => {
    let isCurrent = true;
    void loadTexts(language).then((loaded) => isCurrent && setTexts(loaded));
    return () => {
      isCurrent = false;
    };
  }, [language]);
  if (texts === undefined) return null;
  return (
    <TextsContext value={texts}>
      <ToastProvider closeLabel={texts.t('shell.close')}>
        <Boundary>
          <Screens openModel={openModel} asked={asked} />
        </Boundary>
      </ToastProvider>
    </TextsContext>
  );
}

/** What nobody in particular may see. */
const PUBLIC_SCREENS: readonly Route['screen'][] = [
  'signIn',
  'ssoUnlinked',
  'activate',
  'recover',
  'help',
  'setup',
  'notices',
];

function firstOwed({ owesTerms, owesPhone }: Session): 'terms' | 'phone' | undefined {
  if (owesTerms === true) return 'terms';
  return owesPhone === true ? 'phone' : undefined;
}

function Screens({ openModel, asked }: WebmailProps) {
  const { t } = useTexts();
  const route = useRoute();
  const [model, setModel] = useState<MailModel | 'asking' | 'offline' | undefined>('asking');
  /** Somebody is signed in, whose mail is shut until they have done that. */
  const [owed, setOwed] = useState<'terms' | 'phone'>();
  const enter = useCallback(
    async (session: Session | 'offline' | undefined) => {
      const owes = typeof session === 'object' ? firstOwed(session) : undefined;
      setOwed(owes);
      if (owes !== undefined) return setModel(undefined);
      // Nobody yet, but not to be sent to sign in.
      setModel('asking');
      setModel(typeof session === 'object' ? await tryToOpen(openModel, session) : session);
    },
    [openModel],
  );
  useEffect(() => {
    const ticket = takeTicket();
    void asked
      // Who is signed in stays who they are: a ticket is for a browser in which nobody is.
      .then((session) => session ?? (ticket === undefined ? undefined : redeemTicket(ticket)))
      .then(enter);
  }, [asked, enter]);

  const isNobody = model === undefined && owed === undefined;
  useEffect(() => {
    if (!isNobody || PUBLIC_SCREENS.includes(route.screen)) return;
    const next = formatRoute(route);
    const toSignIn = () => navigate({ screen: 'signIn', next }, 'replace');
    if (route.screen !== 'open') return toSignIn();
    // Whoever comes from the portal is signed in at the school already.
    void loadSite().then(() => {
      if (site.getSnapshot().sso === null) toSignIn();
      else location.replace(ssoAddress(next));
    });
  }, [isNobody, route]);

  // Whoever is signed in may claim another account, or have forgotten its password.
  if (route.screen === 'activate' || route.screen === 'recover')
    return (
      <Suspense>
        {route.screen === 'activate' ? <ActivateScreen step={route.step} /> : <RecoverScreen step={route.step} />}
      </Suspense>
    );
  if (model === 'asking' || (isNobody && route.screen === 'open')) return null;
  if (model === 'offline')
    return (
      <EmptyState icon="warning" title={t('shell.unreachable')}>
        <Button onClick={() => location.reload()}>{t('shell.tryAgain')}</Button>
        <Phones />
      </EmptyState>
    );
  if (owed !== undefined && route.screen !== 'help' && route.screen !== 'setup' && route.screen !== 'notices')
    return (
      <Suspense>
        {owed === 'terms' ? (
          <OwedTermsScreen onAgreed={(session) => void enter(session)} />
        ) : (
          <OwedPhoneScreen onBound={() => void currentSession().then(enter)} />
        )}
      </Suspense>
    );
  // Somebody else may be signed in here than whom the school's sign-in has named.
  if (model !== undefined && route.screen !== 'signIn' && route.screen !== 'ssoUnlinked')
    return (
      <ModelContext value={model}>
        {route.screen === 'authorize' ? (
          <Suspense>
            <ConsentScreen key={route.query} query={route.query} />
          </Suspense>
        ) : (
          <Shell />
        )}
      </ModelContext>
    );
  if (route.screen === 'ssoUnlinked')
    return (
      <Suspense>
        <SsoUnlinkedScreen />
      </Suspense>
    );
  if (route.screen === 'help')
    return (
      <PublicPage>
        <HelpScreen topic={route.topic} />
      </PublicPage>
    );
  if (route.screen === 'setup')
    return (
      <PublicPage>
        <SetupScreen />
      </PublicPage>
    );
  if (route.screen === 'notices')
    return (
      <PublicPage>
        <NoticesScreen noticeId={route.noticeId} />
      </PublicPage>
    );
  return (
    <SignInScreen
      next={route.screen === 'signIn' ? route.next : formatRoute(route)}
      sso={route.screen === 'signIn' ? route.sso : undefined}
      isSignedOut={route.screen === 'signIn' && route.isSignedOut === true}
      onSignedIn={(session) => {
        void enter(session);
        navigate(route.screen === 'signIn' ? parseRoute(route.next) : route, 'replace');
      }}
    />
  );
}

async function tryToOpen(openModel: WebmailProps['openModel'], session: Session): Promise<MailModel | 'offline'> {
  try {
    return await openModel(session);
  } catch {
    return 'offline';
  }
}

/** What can be read before signing in. */
function PublicPage({ children }: { readonly children: ReactNode }) {
  const { t } = useTexts();
  return (
    <div className="public">
      <header className="sign-in__top">
        <Button kind="quiet" icon="arrowLeft" onClick={() => navigate({ screen: 'signIn', next: '/' })}>
          {t('signIn.title')}
        </Button>
      </header>
      <main className="public__main">
        <ArchiveBanner />
        <Suspense>{children}</Suspense>
      </main>
    </div>
  );
}
