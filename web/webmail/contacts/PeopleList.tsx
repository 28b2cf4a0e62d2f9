import { useState } from 'react';
import { useTexts } from '#web/locales/texts.ts';
import { Avatar } from '#web/ui/Avatar.tsx';
import { Badge } from '#web/ui/Badge.tsx';
import { Banner } from '#web/ui/Banner.tsx';
import { Button, IconButton } from '#web/ui/Button.tsx';
import { EmptyState, Skeleton } from '#web/ui/EmptyState.tsx';
import { Menu } from '#web/ui/Menu.tsx';
import type { ListedView } from '#web/webmail/address-book.ts';
import type { ContactView } from '#web/webmail/contacts-model.ts';
import { useArchived, useModel } from '#web/webmail/MailContext.tsx';
import type { PersonView } from '#web/webmail/model.ts';
import { useContactsDone } from './use-contacts-done.ts';

/** Somebody of the organisation, or a contact of one's own. */
export interface PersonRow extends ListedView {
  readonly key: string;
  /** Whom a letter goes to. */
  readonly people: readonly PersonView[];
  readonly contact?: ContactView;
}

export interface PeopleListProps {
  readonly sections: readonly { readonly title: string | undefined; readonly rows: readonly PersonRow[] }[];
  readonly state: 'asking' | 'failed' | 'here';
  /** Nothing is there because nobody has been noted down yet. */
  readonly isEmptyOwn: boolean;
  /** The group whose members these are. */
  readonly group: ContactView | undefined;
  readonly groups: readonly ContactView[];
  readonly onWrite: (rows: readonly PersonRow[]) => void;
  readonly onOpen: (contact: ContactView) => void;
  readonly onCreateGroup: (rows: readonly PersonRow[]) => void;
  readonly onImport: () => void;
}

/** People to choose from, and what can be done with those that are chosen. */
export function PeopleList(props: PeopleListProps) {
  const { sections, state, isEmptyOwn, group, groups, onWrite, onOpen, onCreateGroup, onImport } = props;
  const { t } = useTexts();
  const { contacts } = useModel();
  const done = useContactsDone();
  const isArchived = useArchived();
  const [chosen, choose] = useState<ReadonlyMap<string, PersonRow>>(new Map());
  const rows = sections.flatMap((section) => section.rows);
  const areAllChosen = rows.length > 0 && rows.every(({ key }) => chosen.has(key));
  const picked = [...chosen.values()];
  const own = picked.flatMap(({ contact }) => contact ?? []);
  const strangers = picked.filter(({ contact }) => contact === undefined);
  const toggle = (row: PersonRow) => {
    const next = new Map(chosen);
    if (!next.delete(row.key)) next.set(row.key, row);
    choose(next);
  };
  const toggleAll = () => {
    const next = new Map(chosen);
    for (const row of rows) {
      if (areAllChosen) next.delete(row.key);
      else next.set(row.key, row);
    }
    choose(next);
  };
  const clear = () => choose(new Map());
  const add = (people: readonly PersonRow[], into?: ContactView) => {
    clear();
    void done.tell(contacts.add(people, into?.id), (count) =>
      into === undefined ? t('contacts.added', { count }) : t('contacts.addedTo', { name: into.name }),
    );
  };
  const remove = () => {
    clear();
    void done.tell(contacts.remove(own.map(({ id }) => id)), (count) => t('contacts.deleted', { count }));
  };
  const takeOut = (from: ContactView) => {
    clear();
    const uids = new Set(own.map(({ uid }) => uid));
    const left = from.memberUids.filter((uid) => !uids.has(uid));
    void done.tell(contacts.saveGroup(from.name, left, from.id), () => t('contacts.takenOut', { name: from.name }));
  };
  const writable = picked.filter(({ isGroup, contact }) => !(isGroup && contact !== undefined));

  return (
    <>
      {rows.length > 0 && !isArchived && (
        <div className="contacts__bar">
          <label className="contacts__all">
            <input type="checkbox" checked={areAllChosen} onChange={toggleAll} />
            {t('action.selectAll')}
          </label>
          <span role="status" className="contacts__chosen">
            {chosen.size > 0 && t('contacts.chosen', { count: chosen.size })}
          </span>
          <Button icon="mail" disabled={chosen.size === 0} onClick={() => onWrite(picked)}>
            {t('contacts.write')}
          </Button>
          <Menu
            label={t('contacts.withChosen')}
            align="end"
            groups={[
              strangers.length === 0
                ? []
                : [{ label: t('contacts.add'), icon: 'person', choose: () => add(strangers) }],
              [
                ...groups
                  .filter(({ id }) => id !== group?.id)
                  .map((into) => ({
                    label: t('contacts.addTo', { name: into.name }),
                    isDisabled: writable.length === 0,
                    choose: () => add(writable, into),
                  })),
                {
                  label: t('contacts.addToNew'),
                  icon: 'plus' as const,
                  isDisabled: writable.length === 0,
                  choose: () => {
                    clear();
                    onCreateGroup(writable);
                  },
                },
              ],
              [
                ...(group === undefined
                  ? []
                  : [
                      {
                        label: t('contacts.takeOut'),
                        icon: 'close' as const,
                        isDisabled: own.length === 0,
                        choose: () => takeOut(group),
                      },
                    ]),
                ...(own.length === 0 ? [] : [{ label: t('contacts.delete'), icon: 'trash' as const, choose: remove }]),
              ],
            ]}
            renderButton={(button) => (
              <IconButton {...button} label={t('contacts.withChosen')} icon="more" disabled={chosen.size === 0} />
            )}
          />
        </div>
      )}
      <div className="contacts__list scroll" tabIndex={0} role="group" aria-label={t('contacts.people')}>
        {state === 'asking' && rows.length === 0 && <Skeleton count={6} />}
        {state === 'failed' && <Banner tone="trouble">{t('contacts.failed')}</Banner>}
        {state === 'here' && rows.length === 0 && (
          <EmptyState icon="person" title={emptyTitle()}>
            {isEmptyOwn && !isArchived && (
              <Button icon="upload" onClick={onImport}>
                {t('contacts.import')}
              </Button>
            )}
          </EmptyState>
        )}
        {sections
          .filter((section) => section.rows.length > 0)
          .map(({ title, rows: inSection }) => (
            <section key={title ?? ''} aria-label={title}>
              {title !== undefined && <h2 className="contacts__section">{title}</h2>}
              <ul>
                {inSection.map((row) => (
                  <Row
                    key={row.key}
                    row={row}
                    isChosen={chosen.has(row.key)}
                    onToggle={() => toggle(row)}
                    onOpen={() => (row.contact && !row.isGroup ? onOpen(row.contact) : onWrite([row]))}
                    onWrite={isArchived ? undefined : () => onWrite([row])}
                  />
                ))}
              </ul>
            </section>
          ))}
      </div>
    </>
  );

  function emptyTitle(): string {
    if (isEmptyOwn) return t('contacts.none');
    return group === undefined ? t('contacts.nobody') : t('contacts.noMembers');
  }
}

interface RowProps {
  readonly row: PersonRow;
  readonly isChosen: boolean;
  readonly onToggle: () => void;
  readonly onOpen: () => void;
  /** Undefined: nobody is written to from here, and nobody chosen. */
  readonly onWrite: (() => void) | undefined;
}

function Row({ row, isChosen, onToggle, onOpen, onWrite }: RowProps) {
  const { t } = useTexts();
  const { address, unit, isGroup, people, contact } = row;
  const name = row.name || address;
  const below = contact !== undefined && isGroup ? t('contacts.members', { count: people.length }) : address;
  return (
    <li className="contact">
      {onWrite && (
        <input type="checkbox" aria-label={t('contacts.choose', { name })} checked={isChosen} onChange={onToggle} />
      )}
      <Avatar name={row.name} address={address} />
      <button type="button" className="contact__who" onClick={onOpen}>
        <span className="contact__name one-line">
          <bdi>{name}</bdi>
          {isGroup && <Badge>{t('contacts.group')}</Badge>}
        </span>
        <span className="contact__address one-line">
          <bdi>{below}</bdi>
        </span>
      </button>
      <span className="contact__unit one-line">{unit}</span>
      {onWrite && (
        <IconButton
          label={t('contacts.writeTo', { name })}
          icon="mail"
          size="small"
          disabled={people.length === 0}
          onClick={onWrite}
        />
      )}
    </li>
  );
}
