import { useEffect, useState } from 'react';
import { useTexts, type LabelKey } from '#web/locales/texts.ts';
import { Button } from '#web/ui/Button.tsx';
import { QrCode } from '#web/ui/QrCode.tsx';
import { Tabs } from '#web/ui/Tabs.tsx';
import { useLive } from '#web/webmail/live.ts';
import { site } from '#web/webmail/site.ts';
import './help.css';

const PROGRAMS = ['outlook', 'foxmail', 'thunderbird', 'apple', 'android'] as const;
type Program = (typeof PROGRAMS)[number];

const PROGRAM_TEXTS: Readonly<Record<Program, { readonly name: LabelKey; readonly steps: readonly LabelKey[] }>> = {
  outlook: { name: 'setup.outlook', steps: ['setup.outlook1', 'setup.outlook2', 'setup.password'] },
  foxmail: { name: 'setup.foxmail', steps: ['setup.foxmail1', 'setup.foxmail2', 'setup.password'] },
  thunderbird: { name: 'setup.thunderbird', steps: ['setup.thunderbird1', 'setup.thunderbird2', 'setup.password'] },
  apple: { name: 'setup.apple', steps: ['setup.apple1', 'setup.apple2', 'setup.password'] },
  android: { name: 'setup.android', steps: ['setup.android1', 'setup.android2', 'setup.password'] },
};

/** What Chromium asks before it lets a page be installed; other browsers have it in their menus. */
interface InstallPrompt extends Event {
  prompt(): Promise<void>;
}

/** 客户端: installing the web mail, and what other programs have to be told. */
export function SetupScreen() {
  const { t } = useTexts();
  const { servers, domain } = useLive(site);
  const [program, setProgram] = useState<Program>('outlook');
  const [install, setInstall] = useState<InstallPrompt>();
  useEffect(() => {
    const keep = (event: Event) => {
      event.preventDefault();
      setInstall(event as InstallPrompt);
    };
    addEventListener('beforeinstallprompt', keep);
    return () => removeEventListener('beforeinstallprompt', keep);
  }, []);
  const rows = [
    ['IMAP', servers.imap, '993', 'SSL/TLS'],
    ['POP3', servers.pop, '995', 'SSL/TLS'],
    ['SMTP', servers.smtp, '465', 'SSL/TLS'],
    ['SMTP', servers.smtp, '587', 'STARTTLS'],
  ] as const;
  return (
    <div className="setup scroll">
      <h1>{t('setup.title')}</h1>
      <section className="setup__install" aria-labelledby="setup-install">
        <QrCode text={`${location.origin}/`} label={t('setup.qr', { address: location.origin })} />
        <div>
          <h2 id="setup-install">{t('setup.install')}</h2>
          <p>{t('setup.installText')}</p>
          {install && (
            <Button kind="primary" icon="download" onClick={() => void install.prompt()}>
              {t('setup.installNow')}
            </Button>
          )}
        </div>
      </section>
      <section className="setup__servers" aria-labelledby="setup-servers">
        <h2 id="setup-servers">{t('setup.servers')}</h2>
        <p>{t('setup.userName', { domain })}</p>
        <table>
          <thead>
            <tr>
              <th scope="col">{t('setup.protocol')}</th>
              <th scope="col">{t('setup.server')}</th>
              <th scope="col">{t('setup.port')}</th>
              <th scope="col">{t('setup.security')}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(([protocol, server, port, security]) => (
              <tr key={port}>
                <th scope="row">{protocol}</th>
                <td>
                  <code>{server}</code>
                </td>
                <td className="numbers">{port}</td>
                <td>{security}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <section aria-label={t('setup.programs')}>
        <Tabs
          label={t('setup.programs')}
          value={program}
          onChange={setProgram}
          tabs={PROGRAMS.map((value) => ({ value, label: t(PROGRAM_TEXTS[value].name) }))}
        >
          <ol className="setup__steps">
            {PROGRAM_TEXTS[program].steps.map((step) => (
              <li key={step}>{t(step)}</li>
            ))}
          </ol>
        </Tabs>
      </section>
    </div>
  );
}
