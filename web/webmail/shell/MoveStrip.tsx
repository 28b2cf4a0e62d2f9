import { useCallback, useEffect, useState } from 'react';
import type { MailMove, MailMoveState } from '#contract/jmap/mail-move.ts';
import { useTexts, type TextKey } from '#web/locales/texts.ts';
import { Banner } from '#web/ui/Banner.tsx';
import { Button } from '#web/ui/Button.tsx';
import { useLive } from '#web/webmail/live.ts';
import { useModel } from '#web/webmail/MailContext.tsx';

/** How often it is asked how far the mail is, while it comes. Milliseconds. */
const AGAIN_MS = 60_000;

const COUNTS = {
  running: 'move.running',
  based: 'move.based',
  done: 'move.done',
  failed: 'move.failed',
} as const satisfies Partial<Record<MailMoveState, TextKey>>;

/** 迁移进度: how far the mail of the system before has come (A14). Gone once it is all here and the owner has said so. */
export function MoveStrip() {
  const texts = useTexts();
  const { t } = texts;
  const { settings, account } = useModel();
  const { quota } = useLive(account);
  const [move, setMove] = useState<MailMove>();
  const [isHidden, hide] = useState(false);
  const isOver = move?.state === 'done' || move?.state === 'closed';
  /** To most people nothing comes: of them it is asked once. */
  const isComing = move !== undefined && !isOver && !isHidden;
  // What cannot be had now is asked for again; the mail itself is there.
  const ask = useCallback(() => void settings.mailMove().then(setMove, () => undefined), [settings]);
  useEffect(ask, [ask]);
  useEffect(() => {
    if (!isComing) return undefined;
    const timer = setInterval(ask, AGAIN_MS);
    return () => clearInterval(timer);
  }, [ask, isComing]);
  if (move === undefined || isHidden) return null;
  // The move stops at no quota; what comes after it does.
  const isFull = quota !== undefined && quota.usedBytes >= quota.limitBytes;
  const close = () => {
    hide(true);
    if (isOver) void settings.dismissMailMove().catch(() => hide(false));
  };
  return (
    <div className="phone-nag" aria-live="polite">
      <Banner
        tone={move.state === 'failed' || move.failedMessages > 0 || isFull ? 'warn' : 'info'}
        action={
          <span className="phone-nag__actions">
            <Button kind="quiet" onClick={close}>
              {t(isOver ? 'move.dismiss' : 'move.hide')}
            </Button>
          </span>
        }
      >
        {textOf(move, texts)} {move.failedMessages > 0 && t('move.failures', { count: move.failedMessages })}{' '}
        {isFull && t('move.full')} {move.state === 'done' && t('move.notMoved')}
      </Banner>
    </div>
  );
}

function textOf(move: MailMove, { t, size }: ReturnType<typeof useTexts>): string {
  if (move.state === 'waiting') return t('move.waiting');
  if (move.state === 'closed') return t('move.closed');
  // Nothing is known of it yet: that is not none.
  if (move.state === 'running' && move.sourceMessages === 0) return t('move.begun');
  const { movedMessages: here, sourceMessages: there, movedSize } = move;
  return t(COUNTS[move.state], { here, there, size: size(movedSize) });
}
