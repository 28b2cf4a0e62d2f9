import { useEffect, useState } from 'react';
import { loadHelp, type HelpTopic } from '#web/locales/help.ts';
import { useTexts } from '#web/locales/texts.ts';
import { EmptyState, Skeleton } from '#web/ui/EmptyState.tsx';
import { Field } from '#web/ui/Field.tsx';
import { Link } from '#web/webmail/Link.tsx';
import { useLive } from '#web/webmail/live.ts';
import { site } from '#web/webmail/site.ts';
import type { SiteView } from '#web/webmail/site-view.ts';
import { Phones } from './Phones.tsx';
import './help.css';

/** The help centre: readable before signing in. */
export function HelpScreen({ topic }: { readonly topic: string | undefined }) {
  const { t, language } = useTexts();
  const here = useLive(site);
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

  const words = wanted.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  const found = topics.filter(({ title, paragraphs, steps }) => {
    const text = [title, ...paragraphs, ...(steps ?? [])].join('\n').toLocaleLowerCase();
    return words.every((word) => text.includes(word));
  });
  const shown = found.find(({ id }) => id === topic) ?? found[0];
  return (
    <div className="help">
      <nav className="help__topics scroll" aria-label={t('help.title')}>
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
        <Phones />
      </nav>
      {shown === undefined ? (
        <EmptyState icon="help" title={t('help.nothing')} />
      ) : (
        <article className="help__topic scroll" aria-labelledby="help-topic" tabIndex={0}>
          <h2 id="help-topic">{shown.title}</h2>
          {shown.paragraphs.map((paragraph) => (
            <p key={paragraph}>{fill(paragraph, here)}</p>
          ))}
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

function fill(text: string, { servers, domain }: SiteView): string {
  return text.replace(/\{(\w+)\}/g, (place, name: string) => ({ ...servers, domain })[name] ?? place);
}
