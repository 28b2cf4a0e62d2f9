import type { DragEvent, MouseEvent } from 'react';
import { useTexts } from '#web/locales/texts.ts';
import { Avatar } from '#web/ui/Avatar.tsx';
import { IconButton } from '#web/ui/Button.tsx';
import { classes } from '#web/ui/classes.ts';
import { Icon } from '#web/ui/Icon.tsx';
import type { PersonView, RowView } from '#web/webmail/model.ts';
import { useNow } from '#web/webmail/use-now.ts';
import { DeliveryMark } from './DeliveryMark.tsx';
import { Labels } from './Labels.tsx';
import { Pieces } from './Pieces.tsx';
import { useSwipe } from './use-swipe.ts';

export interface MessageRowProps {
  readonly id: string;
  readonly index: number;
  readonly row: RowView | undefined;
  readonly height: number;
  readonly isAcross: boolean;
  readonly isOutgoing: boolean;
  /** Sent: it shows what became of it. */
  readonly isSent: boolean;
  readonly isActive: boolean;
  readonly isOpen: boolean;
  readonly isSelected: boolean;
  readonly onClick: (event: MouseEvent, index: number) => void;
  readonly onToggle: (through: boolean) => void;
  /** Undefined where nothing is changed; then it is not pulled or dragged away either. */
  readonly onFlag: ((to: boolean) => void) | undefined;
  /** A finger has pulled it away: to the right or to the left. */
  readonly onSwipe: (to: 'right' | 'left') => void;
  /** It is being dragged by a mouse: puts what is dragged on it. */
  readonly onDragStart: (event: DragEvent) => void;
}

export function MessageRow(props: MessageRowProps) {
  const { id, index, row, height, isAcross, isOutgoing, isActive, isOpen, isSelected, onFlag } = props;
  const texts = useTexts();
  const { t } = texts;
  const now = useNow();
  const swipe = useSwipe(props.onSwipe);
  if (row === undefined) {
    return (
      <div id={id} role="row" aria-rowindex={index + 1} className="row row--blank" style={{ blockSize: height }}>
        <span role="gridcell" className="row__blank" aria-label={t('list.loading')} />
      </div>
    );
  }
  const first = row.people[0];
  const who = peopleText(row.people);
  const subject = row.subject || t('list.noSubject');
  return (
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events -- the keys are the grid's, which keeps the focus
    <div
      id={id}
      role="row"
      aria-rowindex={index + 1}
      aria-selected={isSelected}
      aria-current={isOpen ? 'true' : undefined}
      className={classes(
        'row',
        isAcross && 'row--across',
        row.isUnread && 'row--unread',
        isActive && 'row--active',
        isOpen && 'row--open',
        isSelected && 'row--selected',
      )}
      style={{ blockSize: height }}
      draggable={onFlag !== undefined}
      onDragStart={props.onDragStart}
      {...(onFlag === undefined ? {} : swipe)}
      onClick={(event) => props.onClick(event, index)}
    >
      <span role="gridcell" className="row__mark">
        <Avatar name={first?.name ?? ''} address={first?.address ?? ''} size={isAcross ? 'small' : 'medium'} />
        <input
          type="checkbox"
          className="row__check"
          tabIndex={-1}
          aria-label={t('list.select', { subject })}
          checked={isSelected}
          onClick={(event) => {
            event.stopPropagation();
            props.onToggle(event.shiftKey);
          }}
          readOnly
        />
      </span>
      <span role="gridcell" className="row__who one-line">
        {row.isUnread && <span className="visually-hidden">{t('list.isUnread')}</span>}
        <bdi>{isOutgoing ? t('list.to', { who }) : who}</bdi>
        {row.messageCount > 1 && <span className="row__count numbers">{row.messageCount}</span>}
      </span>
      <span role="gridcell" className="row__when numbers">
        {props.isSent && <DeliveryMark letterId={row.id} />}
        {row.hasAttachment && (
          <>
            <Icon name="attachment" size="small" />
            <span className="visually-hidden">{t('list.hasAttachment')}</span>
          </>
        )}
        <time dateTime={row.receivedAt.toISOString()} title={texts.full(row.receivedAt)}>
          {texts.moment(row.receivedAt, now)}
        </time>
      </span>
      <span role="gridcell" className="row__subject one-line">
        {row.isAnswered && <Icon name="reply" size="small" />}
        {row.isMuted && (
          <>
            <Icon name="bellOff" size="small" />
            <span className="visually-hidden">{t('list.isMuted')}</span>
          </>
        )}
        <Labels labels={row.labels} />
        <bdi>{row.found?.subject ? <Pieces pieces={row.found.subject} /> : subject}</bdi>
      </span>
      <span role="gridcell" className="row__preview one-line">
        {row.found?.preview ? <Pieces pieces={row.found.preview} /> : row.preview}
      </span>
      <span role="gridcell" className="row__tail">
        {onFlag !== undefined && (
          <IconButton
            label={row.isFlagged ? t('action.unflag') : t('action.flag')}
            icon="star"
            size="small"
            tone="star"
            tabIndex={-1}
            isPressed={row.isFlagged}
            isFilled={row.isFlagged}
            onClick={(event) => {
              event.stopPropagation();
              onFlag(!row.isFlagged);
            }}
          />
        )}
      </span>
    </div>
  );
}

/** Each once, in the order they wrote. */
function peopleText(people: readonly PersonView[]): string {
  return [...new Set(people.map(({ name, address }) => name || address))].join('、');
}
