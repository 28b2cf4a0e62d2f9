import { useContext, useState } from 'react';
import { useTexts, type LabelKey } from '#web/locales/texts.ts';
import { Button } from '#web/ui/Button.tsx';
import { EmptyState } from '#web/ui/EmptyState.tsx';
import { Icon } from '#web/ui/Icon.tsx';
import { QrCode } from '#web/ui/QrCode.tsx';
import { Tabs } from '#web/ui/Tabs.tsx';
import { install, installPrompt } from '#web/webmail/install-prompt.ts';
import { createLive, useLive } from '#web/webmail/live.ts';
import { ModelContext } from '#web/webmail/MailContext.tsx';
import type { AccountView } from '#web/webmail/model.ts';
import { site } from '#web/webmail/site.ts';
import './help.css';

const PROGRAMS = ['outlook', 'foxmail', 'thunderbird', 'apple', 'android'] as const;
type Program = (typeof PROGRAMS)[number];

const PROGRAM_TEXTS: Readonly<Record<Program, { readonly name: LabelKey; readonly steps: readonly LabelKey[] }>> = {
  outlook: { name: 'setup.outlook', steps: ['setup.outlook1', 'setup.outlook2', 'setup.outlook3', 'setup.password'] },
  foxmail: { name: 'setup.foxmail', steps: ['setup.foxmail1', 'setup.foxmail2', 'setup.password'] },
  thunderbird: { name: 'setup.thunderbird', steps: ['setup.thunderbird1', 'setup.thunderbird2', 'setup.password'] },
  apple: { name: 'setup.apple', steps: ['setup.apple1', 'setup.apple2', 'setup.apple3', 'setup.password'] },
  android: { name: 'setup.android', steps: ['setup.android1', 'setup.android2', 'setup.password'] },
};

/** Before somebody has signed in. */
const NOBODY = createLive<AccountView | undefined>(undefined);

/** The settings of the server for iPhones and Macs, with the name of whoever asks. */
function profileAddress(account: AccountView | undefined): string {
  const path = '/campusmail.mobileconfig';
  return account === undefined ? path : `${path}?address=${encodeURIComponent(account.address)}`;
}

/** 客户端: installing the web mail, and what other programs have to be told. */
export function SetupScreen() {
  const { t } = useTexts();
  const { servers, domain, archive } = useLive(site);
  const [program, setProgram] = useState<Program>('outlook');
  const canInstall = useLive(installPrompt) !== undefined;
  const account = useLive(useContext(ModelContext)?.account ?? NOBODY);
  if (archive !== null)
    return (
      <div className="setup scroll">
        <h1>{t('setup.title')}</h1>
        <EmptyState icon="lock" title={t('archive.noPrograms')} />
      </div>
    );
  return (
    <div className="setup scroll">
      <h1>{t('setup.title')}</h1>
      <section className="setup__install" aria-labelledby="setup-install">
        <QrCode text={`${location.origin}/`} label={t('setup.qr', { address: location.origin })} />
        <div>
          <h2 id="setup-install">{t('setup.install')}</h2>
          <p>{t('setup.installText')}</p>
          {canInstall && (
            <Button kind="primary" icon="download" onClick={install}>
              {t('setup.installNow')}
            </Button>
          )}
        </div>
      </section>
      <section className="setup__servers" aria-labelledby="setup-servers">
        <h2 id="setup-servers">{t('setup.servers')}</h2>
        <p>
          {account === undefined ? t('setup.userName', { domain }) : t('setup.ownName', { address: account.address })}
        </p>
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
            {servers.map(({ protocol, host, port, security }) => (
              <tr key={`${protocol} ${port}`}>
                <th scope="row">{protocol.toUpperCase()}</th>
                <td>
                  <code>{host}</code>
                </td>
                <td className="numbers">{port}</td>
                <td>{security === 'tls' ? 'SSL/TLS' : 'STARTTLS'}</td>
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
          {program === 'apple' && (
            <a className="button" href={profileAddress(account)} download>
              <Icon name="download" />
              {t('setup.profile')}
            </a>
          )}
        </Tabs>
      </section>
    </div>
  );
}
