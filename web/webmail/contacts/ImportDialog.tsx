import { useRef, useState } from 'react';
import { useTexts } from '#web/locales/texts.ts';
import { Banner } from '#web/ui/Banner.tsx';
import { Button } from '#web/ui/Button.tsx';
import { Dialog } from '#web/ui/Dialog.tsx';
import type { ContactFailure, ContactFile } from '#web/webmail/contacts-model.ts';
import { useModel } from '#web/webmail/MailContext.tsx';
import { useContactsDone } from './use-contacts-done.ts';

/** People that are shown before they are taken in. */
const MOST_SHOWN = 8;

/** Contacts from a file of another program: read, shown, and taken in. */
export function ImportDialog({ onClose }: { readonly onClose: () => void }) {
  const { t } = useTexts();
  const { contacts } = useModel();
  const done = useContactsDone();
  const input = useRef<HTMLInputElement>(null);
  const [file, setFile] = useState<ContactFile | ContactFailure>();
  const [isBusy, setBusy] = useState(false);
  const [share, setShare] = useState(0);
  const read = async (given: File) => {
    setBusy(true);
    setFile(await contacts.readFile(given));
    setBusy(false);
  };
  const keep = async ({ keep: take }: ContactFile) => {
    setBusy(true);
    const isDone = await done.tell(take(setShare), (count) => t('contacts.added', { count }));
    setBusy(false);
    if (isDone) onClose();
  };
  const found = typeof file === 'object' ? file : undefined;
  return (
    <Dialog
      title={t('contacts.import')}
      closeLabel={t('shell.close')}
      onClose={onClose}
      footer={
        found === undefined || found.people.length === 0 ? undefined : (
          <Button kind="primary" isBusy={isBusy} onClick={() => void keep(found)}>
            {t('contacts.importNow', { count: found.people.length })}
          </Button>
        )
      }
    >
      <div className="contact-form">
        <p>{t('contacts.importHelp')}</p>
        <div>
          <Button icon="upload" isBusy={isBusy && found === undefined} onClick={() => input.current?.click()}>
            {t('contacts.chooseFile')}
          </Button>
          <input
            ref={input}
            type="file"
            accept=".vcf,.csv,.txt,text/vcard,text/csv"
            hidden
            aria-label={t('contacts.chooseFile')}
            onChange={(event) => {
              const [given] = event.target.files ?? [];
              event.target.value = '';
              if (given) void read(given);
            }}
          />
        </div>
        {typeof file === 'string' && <Banner tone="trouble">{t(`contactTrouble.${file}`)}</Banner>}
        {found && (
          <div role="status">
            <p>{t('contacts.fileHas', { count: found.people.length })}</p>
            {found.known > 0 && <p className="contact-form__note">{t('contacts.fileKnown', { count: found.known })}</p>}
            {found.skipped > 0 && (
              <p className="contact-form__note">{t('contacts.fileSkipped', { count: found.skipped })}</p>
            )}
            <ul className="contact-form__people">
              {found.people.slice(0, MOST_SHOWN).map((name, at) => (
                <li key={at} className="one-line">
                  <bdi>{name}</bdi>
                </li>
              ))}
              {found.people.length > MOST_SHOWN && <li>…</li>}
            </ul>
            {isBusy && <progress className="contact-form__progress" aria-label={t('contacts.import')} value={share} />}
          </div>
        )}
      </div>
    </Dialog>
  );
}
