import { Suspense, useEffect, useState } from 'react';
import { useTexts } from '#web/locales/texts.ts';
import { IconButton, Button } from '#web/ui/Button.tsx';
import { Field } from '#web/ui/Field.tsx';
import { later } from '#web/ui/later.ts';
import { Menu } from '#web/ui/Menu.tsx';
import type { ListedView, UnitView } from '#web/webmail/address-book.ts';
import { peopleOf, type ContactView } from '#web/webmail/contacts-model.ts';
import { Link } from '#web/webmail/Link.tsx';
import { useLive } from '#web/webmail/live.ts';
import { useActions, useArchived, useModel } from '#web/webmail/MailContext.tsx';
import { navigate } from '#web/webmail/navigation.ts';
import { useAnswer } from '#web/webmail/use-answer.ts';
import { ContactDialog } from './ContactDialog.tsx';
import { GroupDialog } from './GroupDialog.tsx';
import { PeopleList, type PersonRow } from './PeopleList.tsx';
import { useContactsDone } from './use-contacts-done.ts';
import './contacts.css';

const ImportDialog = later(() => import('./ImportDialog.tsx').then(({ ImportDialog }) => ({ default: ImportDialog })));

/** While somebody types, nothing is asked for so long, milliseconds. */
const TYPING_MS = 150;

type Task =
  | { readonly do: 'edit'; readonly contact: ContactView | undefined }
  | { readonly do: 'group'; readonly group: ContactView | undefined; readonly rows: readonly PersonRow[] }
  | { readonly do: 'import' };

export interface ContactsScreenProps {
  readonly unit: string | undefined;
  readonly groupId: string | undefined;
}

/** 通讯录: one's own contacts and groups, the units of the organisation, and a search over all. */
export function ContactsScreen({ unit, groupId }: ContactsScreenProps) {
  const { t, number } = useTexts();
  const { addressBook, contacts } = useModel();
  const { context } = useActions();
  const all = useLive(contacts.all);
  const done = useContactsDone();
  const isArchived = useArchived();
  const [text, setText] = useState('');
  const [searched, search] = useState('');
  const [task, setTask] = useState<Task>();
  useEffect(() => contacts.refresh(), [contacts]);
  useEffect(() => {
    const timer = window.setTimeout(() => search(text.trim()), TYPING_MS);
    return () => window.clearTimeout(timer);
  }, [text]);
  const isSearching = searched !== '';
  const units = useAnswer<readonly UnitView[]>('units', () => addressBook.units());
  const listed = useAnswer<readonly ListedView[]>(isSearching ? `search ${searched}` : `unit ${unit}`, () => {
    if (isSearching) return addressBook.search(searched);
    return unit === undefined ? Promise.resolve([]) : addressBook.inUnit(unit);
  });
  const hits = useAnswer<readonly string[]>(`own ${searched}`, () =>
    isSearching ? contacts.search(searched) : Promise.resolve([]),
  );

  const own = listOf(all);
  const groups = own.filter(({ isGroup }) => isGroup);
  const group = groups.find(({ id }) => id === groupId);
  const isOwn = unit === undefined;
  const ownShown = isSearching
    ? listOf(hits).flatMap((id) => own.find((contact) => contact.id === id) ?? [])
    : group !== undefined
      ? own.filter(({ uid }) => group.memberUids.includes(uid))
      : isOwn
        ? own.filter(({ isGroup }) => !isGroup)
        : [];
  const ownRows = ownShown.map((contact) => rowOf(contact, own));
  const ownAddresses = new Set(ownShown.flatMap(({ emails }) => emails.map((address) => address.toLowerCase())));
  const listedRows = listOf(listed)
    .filter(({ address }) => !isSearching || !ownAddresses.has(address.toLowerCase()))
    .map((person): PersonRow => ({ ...person, key: person.address, people: [person] }));
  const waits = isSearching ? [all, hits, listed].some((one) => one === 'asking') : (isOwn ? all : listed) === 'asking';
  const hasFailed = isSearching ? hits === 'failed' && listed === 'failed' : (isOwn ? all : listed) === 'failed';
  const here = isSearching ? t('contacts.found') : (group?.name ?? unit ?? t('contacts.mine'));
  const write = (rows: readonly PersonRow[]) => context.compose('new', { to: rows.flatMap(({ people }) => people) });
  const exportAs = (format: 'vcard' | 'csv') => {
    const name = `${t('contacts.mine')}.${format === 'vcard' ? 'vcf' : 'csv'}`;
    contacts.exportUrl(format, name).then(
      (url) => {
        const link = document.createElement('a');
        link.href = url;
        link.download = name;
        link.click();
      },
      () => done.fail('failed'),
    );
  };

  return (
    <div className="contacts">
      <nav className="contacts__units scroll" aria-label={t('contacts.lists')}>
        <h1 className="contacts__title">{t('contacts.title')}</h1>
        <ul>
          <li>
            <Link
              to={{ screen: 'contacts', unit: undefined }}
              className="tree__link"
              isCurrent={isOwn && group === undefined && !isSearching}
              onFollow={() => setText('')}
            >
              <span className="tree__name one-line">{t('contacts.mine')}</span>
              <span className="tree__count numbers">{number(own.length - groups.length)}</span>
            </Link>
          </li>
          {groups.map(({ id, name, memberUids }) => (
            <li key={id} className="contacts__group">
              <Link
                to={{ screen: 'contacts', unit: undefined, groupId: id }}
                className="tree__link"
                isCurrent={id === groupId && !isSearching}
                onFollow={() => setText('')}
              >
                <span className="tree__name one-line">{name}</span>
                <span className="tree__count numbers">{number(memberUids.length)}</span>
              </Link>
            </li>
          ))}
        </ul>
        <h2 className="contacts__heading">{t('contacts.units')}</h2>
        <ul>
          {listOf(units).map(({ name, count }) => (
            <li key={name}>
              <Link
                to={{ screen: 'contacts', unit: name }}
                className="tree__link"
                isCurrent={name === unit && !isSearching}
                onFollow={() => setText('')}
              >
                <span className="tree__name one-line">{name}</span>
                <span className="tree__count numbers">{number(count)}</span>
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      <section className="contacts__people" aria-label={here}>
        <div className="contacts__search">
          <Field
            label={t('contacts.search')}
            hint={t('contacts.searchHint')}
            type="search"
            autoComplete="off"
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
          <div className="contacts__actions">
            {!isArchived && (
              <Button kind="primary" icon="plus" onClick={() => setTask({ do: 'edit', contact: undefined })}>
                {t('contacts.create')}
              </Button>
            )}
            <Menu
              label={t('contacts.more')}
              align="end"
              groups={[
                isArchived
                  ? []
                  : [
                      {
                        label: t('contacts.createGroup'),
                        icon: 'plus',
                        choose: () => setTask({ do: 'group', group: undefined, rows: [] }),
                      },
                      { label: t('contacts.import'), icon: 'upload', choose: () => setTask({ do: 'import' }) },
                    ],
                [
                  { label: t('contacts.exportVcard'), icon: 'download', choose: () => exportAs('vcard') },
                  { label: t('contacts.exportCsv'), icon: 'download', choose: () => exportAs('csv') },
                ],
              ]}
              renderButton={(props) => <IconButton {...props} label={t('contacts.more')} icon="more" />}
            />
          </div>
        </div>
        {group !== undefined && !isSearching && !isArchived && (
          <div className="contacts__of-group">
            <h2 className="one-line">{group.name}</h2>
            <Button icon="mail" disabled={ownRows.length === 0} onClick={() => write([rowOf(group, own)])}>
              {t('contacts.writeAll')}
            </Button>
            <IconButton
              label={t('contacts.renameGroup')}
              icon="compose"
              onClick={() => setTask({ do: 'group', group, rows: [] })}
            />
            <IconButton
              label={t('contacts.deleteGroup')}
              icon="trash"
              onClick={() => {
                navigate({ screen: 'contacts', unit: undefined });
                void done.tell(contacts.remove([group.id]), () => t('contacts.groupDeleted', { name: group.name }));
              }}
            />
          </div>
        )}
        <PeopleList
          // What was chosen is chosen in one place.
          key={`${unit} ${groupId}`}
          sections={
            isSearching
              ? [
                  { title: t('contacts.mine'), rows: ownRows },
                  { title: t('contacts.units'), rows: listedRows },
                ]
              : [{ title: undefined, rows: isOwn ? ownRows : listedRows }]
          }
          state={waits ? 'asking' : hasFailed ? 'failed' : 'here'}
          isEmptyOwn={isOwn && group === undefined && !isSearching}
          group={isSearching ? undefined : group}
          groups={groups}
          onWrite={write}
          onOpen={(contact) => setTask({ do: 'edit', contact })}
          onCreateGroup={(rows) => setTask({ do: 'group', group: undefined, rows })}
          onImport={() => setTask({ do: 'import' })}
        />
      </section>
      {task?.do === 'edit' && (
        <ContactDialog
          contact={task.contact}
          onWrite={(contact) => write([rowOf(contact, own)])}
          onClose={() => setTask(undefined)}
        />
      )}
      {task?.do === 'group' && <GroupDialog group={task.group} rows={task.rows} onClose={() => setTask(undefined)} />}
      {task?.do === 'import' && (
        <Suspense>
          <ImportDialog onClose={() => setTask(undefined)} />
        </Suspense>
      )}
    </div>
  );
}

function listOf<Item>(answer: readonly Item[] | 'asking' | 'failed'): readonly Item[] {
  return Array.isArray(answer) ? (answer as readonly Item[]) : [];
}

function rowOf(contact: ContactView, all: readonly ContactView[]): PersonRow {
  const { id, name, emails, department, organization, isGroup } = contact;
  const people = isGroup ? peopleOf(contact, all) : emails.slice(0, 1).map((address) => ({ name, address }));
  const unit = [organization, department].filter((text) => text !== '').join(' ');
  return { key: id, name, address: emails[0] ?? '', unit, isGroup, people, contact };
}
