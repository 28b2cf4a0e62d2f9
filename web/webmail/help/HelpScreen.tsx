import { useContext, useEffect, useState } from 'react';
import { findTopics, loadHelp, type HelpTopic } from '#web/locales/help.ts';
import { useTexts } from '#web/locales/texts.ts';
import { EmptyState, Skeleton } from '#web/ui/EmptyState.tsx';
import { Field } from '#web/ui/Field.tsx';
import { Link } from '#web/webmail/Link.tsx';
import type { Site } from '#contract/site.ts';
import { useLive } from '#web/webmail/live.ts';
import { ModelContext } from '#web/webmail/MailContext.tsx';
import { ReportButton } from '#web/webmail/report/ReportButton.tsx';
import { serverOf, site } from '#web/webmail/site.ts';
import { useLayout } from '#web/webmail/use-layout.ts';
import { Phones } from './Phones.tsx';
import './help.css';

/** The help centre: readable before signing in. */
export function HelpScreen({ topic }: { readonly topic: string | undefined }) {
  const { t, language } = useTexts();
  const here = useLive(site);
  const isSignedIn = useContext(ModelContext) !== undefined;
  const layout = useLayout();
  const [topics, setTopics] = useState<readonly HelpTopic[]>();
  const [wanted, setWanted] = useState('');
  useEffect(() => {
    let isCurrent = true;
    void loadHelp(language).then((loaded) => isCurrent && setTopics(loaded));
    return () => {
      isCurrent = false;
    };
  }, [language]);
  if (topics === undefined) return <Skeleton count={6} />;

  const found = findTopics(topics, wanted);
  const chosen = found.find(({ id }) => id === topic);
  // On a phone one at a time: the topics, or what one of them says.
  const isPhone = layout === 'phone';
  const Heading = isPhone ? 'h1' : 'h2';
  const shown = isPhone ? chosen : (chosen ?? found[0]);
  const showsTopics = !isPhone || shown === undefined;
  return (
    <div className="help">
      <nav className="help__topics scroll" aria-label={t('help.title')} hidden={!showsTopics}>
        <h1>{t('help.title')}</h1>
        <Field
          label={t('help.search')}
          type="search"
          value={wanted}
          onChange={(event) => setWanted(event.target.value)}
        />
        <ul>
          {found.map(({ id, title }) => (
            <li key={id}>
              <Link to={{ screen: 'help', topic: id }} className="tree__link" isCurrent={id === shown?.id}>
                {title}
              </Link>
            </li>
          ))}
        </ul>
        <p>
          <Link to={{ screen: 'notices', noticeId: undefined }}>{t('notices.all')}</Link>
        </p>
        <Phones />
        {isSignedIn && <ReportButton about={{}} />}
      </nav>
      {shown === undefined ? (
        found.length === 0 && <EmptyState icon="help" title={t('help.nothing')} />
      ) : (
        <article className="help__topic scroll" aria-labelledby="help-topic" tabIndex={0}>
          {isPhone && <Link to={{ screen: 'help', topic: undefined }}>{t('help.all')}</Link>}
          <Heading id="help-topic">{shown.title}</Heading>
          {shown.paragraphs.map((paragraph) => {
            const text = fill(paragraph, here);
            return text !== undefined && <p key={paragraph}>{text}</p>;
          })}
          {shown.steps && (
            <ol>
              {shown.steps.map((step) => (
                <li key={step}>{step}</li>
              ))}
            </ol>
          )}
        </article>
      )}
    </div>
  );
}

/** A paragraph with the host's own names; undefined where it speaks of a service that is not offered. */
function fill(text: string, here: Site): string | undefined {
  const show = (protocol: 'imap' | 'pop3' | 'smtp') => {
    const server = serverOf(here, protocol);
    return server && `${server.host} · ${server.port} · ${server.security === 'tls' ? 'SSL/TLS' : 'STARTTLS'}`;
  };
  const values: Readonly<Record<string, string | undefined>> = {
    imap: show('imap'),
    pop: show('pop3'),
    smtp: show('smtp'),
    domain: here.domain,
  };
  let isWhole = true;
  const filled = text.replace(/\{(\w+)\}/g, (_, name: string) => {
    isWhole &&= values[name] !== undefined;
    return values[name] ?? '';
  });
  return isWhole ? filled : undefined;
}
