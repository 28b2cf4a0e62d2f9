import { useId, useState, type FormEvent } from 'react';
import { useTexts } from '#web/locales/texts.ts';
import { Button } from '#web/ui/Button.tsx';
import { Dialog } from '#web/ui/Dialog.tsx';
import { Field } from '#web/ui/Field.tsx';
import type { ContactView } from '#web/webmail/contacts-model.ts';
import { useModel } from '#web/webmail/MailContext.tsx';
import type { PersonRow } from './PeopleList.tsx';
import { useContactsDone } from './use-contacts-done.ts';

export interface GroupDialogProps {
  /** Undefined: a new one. */
  readonly group: ContactView | undefined;
  /** Who shall be in a new one; those of the organisation become contacts. */
  readonly rows: readonly PersonRow[];
  readonly onClose: () => void;
}

/** What a group of contacts is called. */
export function GroupDialog({ group, rows, onClose }: GroupDialogProps) {
  const { t } = useTexts();
  const { contacts } = useModel();
  const done = useContactsDone();
  const formId = useId();
  const [name, setName] = useState(group?.name ?? '');
  const [isBusy, setBusy] = useState(false);
  const save = async (event: FormEvent) => {
    event.preventDefault();
    const given = name.trim();
    if (given === '') return;
    setBusy(true);
    const isSaved = await done.tell(make(given), () => t('contacts.groupSaved', { name: given }));
    setBusy(false);
    if (isSaved) onClose();
  };
  const make = async (given: string) => {
    if (group !== undefined) return contacts.saveGroup(given, group.memberUids, group.id);
    const added = await contacts.add(rows);
    if (added.why !== undefined) return added;
    const known = contacts.all.getSnapshot();
    const addresses = new Set(rows.map(({ address }) => address.toLowerCase()));
    const members = (Array.isArray(known) ? (known as readonly ContactView[]) : [])
      .filter(({ emails }) => emails.some((address) => addresses.has(address.toLowerCase())))
      .map(({ uid }) => uid);
    return contacts.saveGroup(given, members);
  };
  return (
    <Dialog
      title={group === undefined ? t('contacts.createGroup') : t('contacts.renameGroup')}
      closeLabel={t('shell.close')}
      onClose={onClose}
      footer={
        <Button kind="primary" type="submit" form={formId} isBusy={isBusy} disabled={name.trim() === ''}>
          {t('contacts.save')}
        </Button>
      }
    >
      <form id={formId} className="contact-form" onSubmit={(event) => void save(event)}>
        <Field
          label={t('contacts.groupName')}
          hint={rows.length === 0 ? undefined : t('contacts.members', { count: rows.length })}
          autoFocus
          autoComplete="off"
          maxLength={100}
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
      </form>
    </Dialog>
  );
}
