import { useState } from 'react';
import { useTexts } from '#web/locales/texts.ts';
import { Banner } from '#web/ui/Banner.tsx';
import { Button } from '#web/ui/Button.tsx';
import { Dialog } from '#web/ui/Dialog.tsx';
import { Field, TextField } from '#web/ui/Field.tsx';
import type { OwnContact } from '#web/webmail/address-book.ts';
import { useModel } from '#web/webmail/MailContext.tsx';

export interface ContactDialogProps {
  readonly contact: OwnContact;
  /** Undefined: it is a new one. */
  readonly id: string | undefined;
  readonly onClose: () => void;
  readonly onSaved: () => void;
}

/** One of one's own contacts, to be filled in. */
export function ContactDialog({ contact: given, id, onClose, onSaved }: ContactDialogProps) {
  const { t } = useTexts();
  const { addressBook } = useModel();
  const [contact, setContact] = useState(given);
  const [emails, setEmails] = useState(given.emails.join('\n'));
  const [state, setState] = useState<'idle' | 'busy' | 'full' | 'failed'>('idle');
  const [isTried, setTried] = useState(false);
  const change = (patch: Partial<OwnContact>) => setContact({ ...contact, ...patch });
  const addresses = emails.split(/[\s,;，；]+/).filter((email) => email !== '');
  const wrong = addresses.find((address) => !/^[^@]+@[^@]+$/.test(address));
  const isNameless = contact.name.trim() === '' && addresses.length === 0;
  const save = async () => {
    setTried(true);
    if (wrong !== undefined || isNameless) return;
    setState('busy');
    const name = contact.name.trim() || (addresses[0] ?? '');
    const outcome = await addressBook.saveContact({ ...contact, name, emails: addresses }, id);
    if (outcome === 'saved') onSaved();
    else setState(outcome);
  };
  return (
    <Dialog
      title={id === undefined ? t('contacts.new') : t('contacts.edit')}
      closeLabel={t('shell.close')}
      onClose={onClose}
      footer={
        <Button kind="primary" isBusy={state === 'busy'} onClick={() => void save()}>
          {t('settings.save')}
        </Button>
      }
    >
      <form
        className="contacts__form"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        {(state === 'full' || state === 'failed') && <Banner tone="trouble">{t(`contacts.${state}Save`)}</Banner>}
        <Field
          label={t('contacts.name')}
          value={contact.name}
          autoFocus
          autoComplete="off"
          maxLength={200}
          error={isTried && isNameless ? t('contacts.nameless') : undefined}
          onChange={(event) => change({ name: event.target.value })}
        />
        <TextField
          label={t('contacts.emails')}
          hint={t('contacts.emailsHint')}
          rows={2}
          spellCheck={false}
          value={emails}
          error={isTried && wrong !== undefined ? t('contacts.wrongEmail', { address: wrong }) : undefined}
          onChange={(event) => setEmails(event.target.value)}
        />
        <Field
          label={t('contacts.phone')}
          type="tel"
          autoComplete="off"
          value={contact.phone}
          onChange={(event) => change({ phone: event.target.value })}
        />
        <Field
          label={t('contacts.organization')}
          autoComplete="off"
          value={contact.organization}
          onChange={(event) => change({ organization: event.target.value })}
        />
        <TextField
          label={t('contacts.note')}
          rows={2}
          value={contact.note}
          onChange={(event) => change({ note: event.target.value })}
        />
        {/* For Enter in a field. */}
        <button type="submit" hidden>
          {t('settings.save')}
        </button>
      </form>
    </Dialog>
  );
}
