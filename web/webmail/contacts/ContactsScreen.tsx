import { useEffect, useState } from 'react';
import { useTexts } from '#web/locales/texts.ts';
import { Avatar } from '#web/ui/Avatar.tsx';
import { Badge } from '#web/ui/Badge.tsx';
import { Banner } from '#web/ui/Banner.tsx';
import { Button, IconButton } from '#web/ui/Button.tsx';
import { EmptyState, Skeleton } from '#web/ui/EmptyState.tsx';
import { Field } from '#web/ui/Field.tsx';
import { useToast } from '#web/ui/Toasts.tsx';
import { listOwn, type ListedView, type OwnContactView, type UnitView } from '#web/webmail/address-book.ts';
import { Link } from '#web/webmail/Link.tsx';
import { useActions, useModel } from '#web/webmail/MailContext.tsx';
import { useAnswer } from '#web/webmail/use-answer.ts';
import { ContactDialog } from './ContactDialog.tsx';
import './contacts.css';

/** While somebody types, nothing is asked for so long, milliseconds. */
const TYPING_MS = 150;

const NOBODY = { name: '', emails: [], phone: '', organization: '', note: '' };

/** 通讯录: one's own contacts, the units of the organisation, who is in them, and a search over all. */
export function ContactsScreen({ unit }: { readonly unit: string | undefined }) {
  const { t, number } = useTexts();
  const { addressBook } = useModel();
  const { context } = useActions();
  const [text, setText] = useState('');
  const [searched, search] = useState('');
  const [chosen, choose] = useState<ReadonlyMap<string, ListedView>>(new Map());
  useEffect(() => {
    const timer = window.setTimeout(() => search(text.trim()), TYPING_MS);
    return () => window.clearTimeout(timer);
  }, [text]);
  const units = useAnswer<readonly UnitView[]>('units', () => addressBook.units());
  const toast = useToast();
  const [edited, edit] = useState<OwnContactView | 'new'>();
  /** Grows with each change of one's own, so that they are asked for anew. */
  const [changes, setChanges] = useState(0);
  const isOwn = unit === undefined && searched === '';
  const people = useAnswer<readonly ListedView[]>(
    searched === '' ? `unit ${unit} ${changes}` : `search ${searched} ${changes}`,
    async () => {
      if (searched !== '') return addressBook.search(searched);
      return unit === undefined ? (await addressBook.ownContacts()).map(listOwn) : addressBook.inUnit(unit);
    },
  );
  const tellChanged = () => setChanges((count) => count + 1);
  const remove = async ({ id, name }: OwnContactView) => {
    const takeBack = await addressBook.removeContact(id);
    if (takeBack === 'failed') return toast({ text: t('contacts.failedSave'), tone: 'trouble' });
    tellChanged();
    const undo = async () => {
      if ((await takeBack()) !== 'saved') toast({ text: t('contacts.failedSave'), tone: 'trouble' });
      tellChanged();
    };
    toast({ text: t('contacts.removed', { name }), action: { label: t('shell.undo'), run: () => void undo() } });
  };
  const toggle = (person: ListedView) => {
    const next = new Map(chosen);
    if (!next.delete(person.address)) next.set(person.address, person);
    choose(next);
  };
  const write = (to: readonly ListedView[]) =>
    context.compose(
      'new',
      to.map(({ name, address }) => ({ name, address })),
    );
  const shown = Array.isArray(people) ? (people as readonly ListedView[]) : [];
  const areAllChosen = shown.length > 0 && shown.every(({ address }) => chosen.has(address));

  return (
    <div className="contacts">
      <nav className="contacts__units scroll" aria-label={t('contacts.units')}>
        <h1 className="contacts__title">{t('contacts.title')}</h1>
        <ul>
          <li>
            <Link
              to={{ screen: 'contacts', unit: undefined }}
              className="tree__link"
              isCurrent={isOwn}
              onFollow={() => setText('')}
            >
              <span className="tree__name one-line">{t('contacts.own')}</span>
            </Link>
          </li>
          {Array.isArray(units) &&
            (units as readonly UnitView[]).map(({ name, count }) => (
              <li key={name}>
                <Link
                  to={{ screen: 'contacts', unit: name }}
                  className="tree__link"
                  isCurrent={name === unit && searched === ''}
                  onFollow={() => setText('')}
                >
                  <span className="tree__name one-line">{name}</span>
                  <span className="tree__count numbers">{number(count)}</span>
                </Link>
              </li>
            ))}
        </ul>
      </nav>
      <section
        className="contacts__people"
        aria-label={searched === '' ? (unit ?? t('contacts.own')) : t('contacts.found')}
      >
        <div className="contacts__search">
          <Field
            label={t('contacts.search')}
            hint={t('contacts.searchHint')}
            type="search"
            autoComplete="off"
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
          {isOwn && (
            <Button icon="plus" onClick={() => edit('new')}>
              {t('contacts.new')}
            </Button>
          )}
        </div>
        {shown.length > 0 && (
          <div className="contacts__bar">
            <label className="contacts__all">
              <input
                type="checkbox"
                checked={areAllChosen}
                onChange={() => {
                  const next = new Map(chosen);
                  for (const person of shown) {
                    if (areAllChosen) next.delete(person.address);
                    else next.set(person.address, person);
                  }
                  choose(next);
                }}
              />
              {t('action.selectAll')}
            </label>
            <span role="status">{chosen.size > 0 && t('contacts.chosen', { count: chosen.size })}</span>
            <Button icon="compose" disabled={chosen.size === 0} onClick={() => write([...chosen.values()])}>
              {t('contacts.write')}
            </Button>
          </div>
        )}
        <div className="contacts__list scroll" tabIndex={0} role="group" aria-label={t('contacts.people')}>
          {people === 'asking' && <Skeleton count={6} />}
          {people === 'failed' && <Banner tone="trouble">{t('contacts.failed')}</Banner>}
          {Array.isArray(people) && people.length === 0 && (
            <EmptyState icon="person" title={isOwn ? t('contacts.begin') : t('contacts.nobody')} />
          )}
          <ul>
            {shown.map((person) => (
              <li key={`${person.own?.id} ${person.address}`} className="contact">
                <input
                  type="checkbox"
                  aria-label={t('contacts.choose', { name: person.name || person.address })}
                  disabled={person.address === ''}
                  checked={chosen.has(person.address)}
                  onChange={() => toggle(person)}
                />
                <Avatar name={person.name} address={person.address} />
                <button
                  type="button"
                  className="contact__who"
                  onClick={() => (person.address === '' ? edit(person.own) : write([person]))}
                >
                  <span className="contact__name one-line">
                    <bdi>{person.name || person.address}</bdi>
                    {person.isGroup && <Badge>{t('contacts.group')}</Badge>}
                  </span>
                  <span className="contact__address one-line">
                    <bdi>{person.address}</bdi>
                  </span>
                </button>
                <span className="contact__unit one-line">{person.unit}</span>
                {person.own && <OwnButtons own={person.own} onEdit={edit} onRemove={remove} />}
              </li>
            ))}
          </ul>
        </div>
      </section>
      {edited && (
        <ContactDialog
          contact={edited === 'new' ? NOBODY : edited}
          id={edited === 'new' ? undefined : edited.id}
          onClose={() => edit(undefined)}
          onSaved={() => {
            edit(undefined);
            tellChanged();
          }}
        />
      )}
    </div>
  );
}

interface OwnButtonsProps {
  readonly own: OwnContactView;
  readonly onEdit: (own: OwnContactView) => void;
  readonly onRemove: (own: OwnContactView) => Promise<void>;
}

function OwnButtons({ own, onEdit, onRemove }: OwnButtonsProps) {
  const { t } = useTexts();
  const { name } = own;
  return (
    <>
      <IconButton label={t('contacts.editOne', { name })} icon="compose" onClick={() => onEdit(own)} />
      <IconButton label={t('contacts.removeOne', { name })} icon="trash" onClick={() => void onRemove(own)} />
    </>
  );
}
