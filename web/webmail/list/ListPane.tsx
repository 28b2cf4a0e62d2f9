import { useCallback, useEffect, useRef, type MouseEvent } from 'react';
import { type LabelKey, useTexts } from '#web/locales/texts.ts';
import { Badge } from '#web/ui/Badge.tsx';
import { IconButton } from '#web/ui/Button.tsx';
import { classes } from '#web/ui/classes.ts';
import { EmptyState } from '#web/ui/EmptyState.tsx';
import { Menu } from '#web/ui/Menu.tsx';
import { VirtualGrid } from '#web/ui/VirtualGrid.tsx';
import { useLive } from '#web/webmail/live.ts';
import { useActions, useModel } from '#web/webmail/MailContext.tsx';
import { putDragged } from '#web/webmail/dragged.ts';
import type { ListModel, Narrowing, Order, RowView } from '#web/webmail/model.ts';
import { usePreferences } from '#web/webmail/preferences.ts';
import { Toolbar } from '#web/webmail/shell/Toolbar.tsx';
import { MOST_SELECTED } from '#web/webmail/selected-rows.ts';
import type { Selection } from '#web/webmail/use-selection.ts';
import { EmptyTrash } from './EmptyTrash.tsx';
import { KeptHint } from './KeptHint.tsx';
import { MessageRow } from './MessageRow.tsx';
import './list.css';

/** A row's height, rem: three lines beside a letter, one across the window. */
const ROW_REM = {
  comfortable: { stacked: 5.5, across: 2.75 },
  compact: { stacked: 4, across: 2.125 },
} as const;

const NARROWINGS: Readonly<Record<Narrowing, LabelKey>> = {
  all: 'list.all',
  unread: 'list.unread',
  flagged: 'list.flagged',
  attachments: 'list.attachments',
  toMe: 'list.toMe',
};

const ORDERS: Readonly<Record<Order, LabelKey>> = {
  newest: 'list.newest',
  oldest: 'list.oldest',
  people: 'list.byPeople',
  subject: 'list.bySubject',
  largest: 'list.largest',
  relevant: 'list.relevant',
};
const OF_A_SEARCH: readonly Order[] = ['newest', 'relevant'];
const OF_A_MAILBOX: readonly Order[] = ['newest', 'oldest', 'people', 'subject', 'largest'];

/** Buttons of a selection that have room beside its count in the narrowest list and on a phone. */
const MOST_BUTTONS = 4;

export interface ListPaneProps {
  readonly title: string;
  readonly list: ListModel;
  readonly selection: Selection;
  readonly openId: string | undefined;
  readonly onOpen: (row: RowView) => void;
  readonly narrowing: Narrowing;
  readonly onNarrow: (narrowing: Narrowing) => void;
  readonly order: Order;
  readonly onOrder: (order: Order) => void;
  /** Rows of one line, the list being as wide as the window. */
  readonly isAcross: boolean;
  /** What words find, not a mailbox. */
  readonly isSearch: boolean;
  /** What drafts and sent mail show is whom it is to. */
  readonly isOutgoing: boolean;
}

export function ListPane(props: ListPaneProps) {
  const { title, list, selection, openId, onOpen, narrowing, onNarrow, order, onOrder } = props;
  const { isAcross, isSearch, isOutgoing } = props;
  const texts = useTexts();
  const { t } = texts;
  const model = useModel();
  const { context } = useActions();
  const role = context.mailbox?.role;
  const filePicker = useRef<HTMLInputElement>(null);
  const view = useLive(list);
  const { density } = usePreferences();
  const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
  const rowHeight = ROW_REM[density][isAcross ? 'across' : 'stacked'] * rem;
  const show = useCallback((from: number, to: number) => list.show(from, to), [list]);
  useEffect(() => {
    document.title = `${title} · ${t('app.name')}`;
  }, [title, t]);

  const openAt = (index: number) => {
    const row = list.rowAt(index);
    if (row === undefined) return;
    selection.move(index, { extend: false });
    onOpen(row);
  };
  const click = (event: MouseEvent, index: number) => {
    if (event.shiftKey) selection.move(index, { extend: true });
    else if (event.ctrlKey || event.metaKey) selection.toggle(index);
    else openAt(index);
  };

  const renderRow = (index: number, id: string) => {
    const row = list.rowAt(index);
    return (
      <MessageRow
        key={row?.id ?? index}
        id={id}
        index={index}
        row={row}
        height={rowHeight}
        isAcross={isAcross}
        isOutgoing={isOutgoing}
        isSent={role === 'sent'}
        isActive={index === selection.active}
        isOpen={row !== undefined && row.id === openId}
        isSelected={row !== undefined && selection.ids.has(row.id)}
        onClick={click}
        onToggle={(through) => selection.toggle(index, { through })}
        onSwipe={(to) => {
          if (row === undefined) return;
          const isArchiving = to === 'right' && role !== 'archive';
          context.change({ do: isArchiving ? 'archive' : 'delete' }, [row.id]);
        }}
        onDragStart={(event) => {
          if (row === undefined) return;
          putDragged(event.dataTransfer, selection.ids.has(row.id) ? [...selection.ids] : [row.id]);
        }}
        onFlag={context.isReadOnly ? undefined : (to) => row && model.change({ do: 'setFlagged', to }, [row.id])}
      />
    );
  };

  return (
    <section className={classes('list-pane', selection.ids.size > 0 && 'list-pane--selecting')} aria-label={title}>
      <header className="list-pane__header">
        {selection.ids.size > 0 ? (
          <>
            <h1 className="visually-hidden">{title}</h1>
            <IconButton label={t('action.selectNone')} icon="close" onClick={selection.clear} />
            <strong className="numbers one-line" role="status">
              {t(selection.ids.size < MOST_SELECTED ? 'list.selected' : 'list.selectedMost', {
                count: selection.ids.size,
              })}
            </strong>
            <IconButton
              label={selection.isSelecting ? t('list.selecting') : t('action.selectAll')}
              icon="checks"
              disabled={selection.isSelecting}
              onClick={selection.selectAll}
            />
            <Toolbar {...(!isAcross && { most: MOST_BUTTONS })} />
          </>
        ) : (
          <>
            <h1 className="list-pane__title one-line">{title}</h1>
            {view.total > 0 && (
              <Badge>
                {view.atLeast === undefined ? texts.number(view.total) : t('list.atLeast', { count: view.atLeast })}
              </Badge>
            )}
            <span className="list-pane__space" />
            {role === 'trash' && narrowing === 'all' && view.total > 0 && <EmptyTrash />}
            <input
              ref={filePicker}
              type="file"
              accept=".eml,message/rfc822"
              multiple
              hidden
              aria-label={t('import.title')}
              onChange={(event) => {
                context.importLetters([...(event.target.files ?? [])]);
                event.target.value = '';
              }}
            />
            <Menu
              label={t('list.narrow')}
              align="end"
              renderButton={(button) => (
                <IconButton
                  {...button}
                  label={t('list.narrow')}
                  icon="filter"
                  isPressed={narrowing === 'all' && (isSearch || order === 'newest') ? undefined : true}
                />
              )}
              groups={[
                (Object.keys(NARROWINGS) as readonly Narrowing[]).map((value) => ({
                  label: t(NARROWINGS[value]),
                  isChecked: value === narrowing,
                  choose: () => onNarrow(value),
                })),
                isSearch
                  ? []
                  : OF_A_MAILBOX.map((value) => ({
                      label: t(ORDERS[value]),
                      isChecked: value === order,
                      choose: () => onOrder(value),
                    })),
                isSearch || context.isReadOnly
                  ? []
                  : [{ label: t('list.markAllRead'), icon: 'mailOpen' as const, choose: () => context.markAllRead() }],
                isSearch || context.isReadOnly || role === 'drafts'
                  ? []
                  : [{ label: t('import.title'), icon: 'upload' as const, choose: () => filePicker.current?.click() }],
              ]}
            />
          </>
        )}
      </header>
      {(role === 'trash' || role === 'junk') && view.total > 0 && <KeptHint role={role} />}
      {isSearch && view.total > 0 && (
        <div className="list-pane__orders" role="group" aria-label={t('list.order')}>
          {OF_A_SEARCH.map((value) => (
            <button
              key={value}
              type="button"
              className="list-pane__order"
              aria-pressed={value === order}
              onClick={() => onOrder(value)}
            >
              {t(ORDERS[value])}
            </button>
          ))}
        </div>
      )}
      {narrowing !== 'all' && (
        <button type="button" className="list-pane__narrowed" onClick={() => onNarrow('all')}>
          {t('list.narrowedTo', { what: t(NARROWINGS[narrowing]) })}
        </button>
      )}
      <div className="list-pane__rows">
        {view.state === 'failed' ? (
          <EmptyState icon="warning" title={t('list.failed')} />
        ) : view.total === 0 && view.state === 'ready' ? (
          narrowing !== 'all' ? (
            <EmptyState icon="inbox" title={t('list.emptyNarrowed')} />
          ) : isSearch ? (
            <EmptyState icon="search" title={t('search.nothing')}>
              <p className="list-pane__hint">{t('search.nothingHint')}</p>
            </EmptyState>
          ) : (
            <EmptyState icon="inbox" title={t('list.empty')} />
          )
        ) : (
          <VirtualGrid
            key={`${narrowing} ${order}`}
            label={title}
            count={view.total}
            rowHeight={rowHeight}
            active={selection.active}
            keyAt={(index) => list.idAt(index)}
            indexOf={(id) => list.indexOf(id)}
            newsText={(count) => t('list.newAbove', { count })}
            renderRow={renderRow}
            onShow={show}
            onMove={selection.move}
            onToggle={selection.toggle}
            onOpen={openAt}
            onSelectAll={selection.selectAll}
          />
        )}
      </div>
    </section>
  );
}
