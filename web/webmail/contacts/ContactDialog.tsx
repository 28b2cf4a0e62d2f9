import { useId, useState, type FormEvent } from 'react';
import { useTexts } from '#web/locales/texts.ts';
import { Banner } from '#web/ui/Banner.tsx';
import { Button } from '#web/ui/Button.tsx';
import { Dialog } from '#web/ui/Dialog.tsx';
import { Field, TextField } from '#web/ui/Field.tsx';
import type { ContactView } from '#web/webmail/contacts-model.ts';
import { useArchived, useModel } from '#web/webmail/MailContext.tsx';
import { useContactsDone } from './use-contacts-done.ts';

export interface ContactDialogProps {
  /** Undefined: a new one. */
  readonly contact: ContactView | undefined;
  readonly onWrite?: (contact: ContactView) => void;
  readonly onClose: () => void;
}

/** What one has noted down of somebody. */
export function ContactDialog({ contact, onWrite, onClose }: ContactDialogProps) {
  const { t } = useTexts();
  const { contacts } = useModel();
  const done = useContactsDone();
  const isArchived = useArchived();
  const formId = useId();
  const [words, setWords] = useState({
    name: contact?.name ?? '',
    emails: (contact?.emails ?? []).join('\n'),
    phones: (contact?.phones ?? []).join('\n'),
    organization: contact?.organization ?? '',
    department: contact?.department ?? '',
    title: contact?.title ?? '',
    note: contact?.note ?? '',
  });
  const [trouble, setTrouble] = useState<'nothing' | 'address'>();
  const [isBusy, setBusy] = useState(false);
  const bind = (name: keyof typeof words) => ({
    value: words[name],
    onChange: (event: { readonly target: { readonly value: string } }) =>
      setWords({ ...words, [name]: event.target.value }),
  });
  const save = async (event: FormEvent) => {
    event.preventDefault();
    const emails = linesOf(words.emails);
    const name = words.name.trim() || (emails[0] ?? '');
    if (name === '') return setTrouble('nothing');
    if (emails.some((address) => !/^[^\s@]+@[^\s@]+$/.test(address))) return setTrouble('address');
    setBusy(true);
    const { phones, organization, department, title, note } = words;
    const said = { organization, department, title, note };
    const trimmed = Object.fromEntries(Object.entries(said).map(([key, value]) => [key, value.trim()])) as typeof said;
    const isSaved = await done.tell(
      contacts.save({ ...trimmed, name, emails, phones: linesOf(phones) }, contact?.id),
      () => t('contacts.saved', { name }),
    );
    setBusy(false);
    if (isSaved) onClose();
  };
  const remove = () => {
    if (contact === undefined) return;
    onClose();
    void done.tell(contacts.remove([contact.id]), (count) => t('contacts.deleted', { count }));
  };
  return (
    <Dialog
      title={contact === undefined ? t('contacts.create') : t('contacts.edit')}
      closeLabel={t('shell.close')}
      onClose={onClose}
      footer={
        isArchived ? undefined : (
          <>
            {contact !== undefined && (
              <span className="contact-form__aside">
                <Button kind="danger" icon="trash" onClick={remove}>
                  {t('contacts.deleteNow')}
                </Button>
                {onWrite && contact.emails.length > 0 && (
                  <Button
                    icon="compose"
                    onClick={() => {
                      onClose();
                      onWrite(contact);
                    }}
                  >
                    {t('contacts.write')}
                  </Button>
                )}
              </span>
            )}
            <Button kind="primary" type="submit" form={formId} isBusy={isBusy}>
              {t('contacts.save')}
            </Button>
          </>
        )
      }
    >
      <form id={formId} className="contact-form" onSubmit={(event) => void save(event)}>
        {trouble !== undefined && <Banner tone="trouble">{t(`contactWrong.${trouble}`)}</Banner>}
        {/* Who only looks wants no keyboard on a phone. */}
        <Field label={t('contacts.name')} autoFocus={contact === undefined} autoComplete="off" {...bind('name')} />
        <TextField label={t('contacts.emails')} hint={t('contacts.onePerLine')} rows={2} {...bind('emails')} />
        <TextField label={t('contacts.phones')} hint={t('contacts.onePerLine')} rows={2} {...bind('phones')} />
        <div className="contact-form__pair">
          <Field label={t('contacts.organization')} autoComplete="off" {...bind('organization')} />
          <Field label={t('contacts.department')} autoComplete="off" {...bind('department')} />
        </div>
        <Field label={t('contacts.jobTitle')} autoComplete="off" {...bind('title')} />
        <TextField label={t('contacts.note')} rows={3} {...bind('note')} />
      </form>
    </Dialog>
  );
}

function linesOf(text: string): readonly string[] {
  return [...new Set(text.split(/[\n,，;；]/).map((line) => line.trim()))].filter((line) => line !== '');
}
