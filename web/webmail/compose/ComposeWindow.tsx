import { lazy, Suspense, useId, useState } from 'react';
import { useTexts } from '#web/locales/texts.ts';
import { Button, IconButton } from '#web/ui/Button.tsx';
import { classes } from '#web/ui/classes.ts';
import { Skeleton } from '#web/ui/EmptyState.tsx';
import { useLive } from '#web/webmail/live.ts';
import { useModel } from '#web/webmail/MailContext.tsx';
import type { Draft } from '#web/webmail/model.ts';
import { RecipientField } from './RecipientField.tsx';
import './compose.css';

const Editor = lazy(() => import('./Editor.tsx').then(({ Editor }) => ({ default: Editor })));

export interface ComposeWindowProps {
  readonly draft: Draft;
  readonly onChange: (draft: Draft) => void;
  readonly onClose: () => void;
  readonly onSend: () => void;
  readonly onDiscard: () => void;
}

/** A letter being written: a window at the foot of the screen, on a phone the whole of it. */
export function ComposeWindow({ draft, onChange, onClose, onSend, onDiscard }: ComposeWindowProps) {
  const { t } = useTexts();
  const { identities } = useLive(useModel().account);
  const [size, setSize] = useState<'normal' | 'folded' | 'large'>('normal');
  const [areCopiesShown, showCopies] = useState(draft.cc.length + draft.bcc.length > 0);
  const id = useId();
  const title = draft.subject || t('compose.new');
  const canSend = draft.to.length + draft.cc.length + draft.bcc.length > 0;
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- keys of the fields in it, on their way up
    <div
      role="dialog"
      className={classes('compose', `compose--${size}`)}
      aria-label={title}
      onKeyDown={(event) => {
        if (event.nativeEvent.isComposing) return;
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && canSend) onSend();
        else if (event.key === 'Escape' && !event.defaultPrevented) onClose();
        else return;
        event.preventDefault();
      }}
    >
      <div className="compose__head">
        <h2 className="one-line">{title}</h2>
        <span className="compose__sizes">
          <IconButton
            label={size === 'folded' ? t('compose.unfold') : t('compose.fold')}
            icon="minimise"
            size="small"
            onClick={() => setSize(size === 'folded' ? 'normal' : 'folded')}
          />
          <IconButton
            label={size === 'large' ? t('compose.smaller') : t('compose.larger')}
            icon="external"
            size="small"
            onClick={() => setSize(size === 'large' ? 'normal' : 'large')}
          />
        </span>
        <IconButton label={t('compose.close')} icon="close" size="small" onClick={onClose} />
      </div>
      {size !== 'folded' && (
        <>
          <div className="compose__fields">
            <div className="compose__line">
              <label htmlFor={`${id}-from`}>{t('compose.from')}</label>
              <select
                id={`${id}-from`}
                value={draft.from}
                onChange={(event) => onChange({ ...draft, from: event.target.value })}
              >
                {identities.map(({ name, address }) => (
                  <option key={address} value={address}>{`${name} <${address}>`}</option>
                ))}
              </select>
            </div>
            <RecipientField
              label={t('compose.to')}
              people={draft.to}
              onChange={(to) => onChange({ ...draft, to })}
              isFirst={draft.to.length === 0}
            >
              {!areCopiesShown && (
                <button type="button" className="compose__copies" onClick={() => showCopies(true)}>
                  {t('compose.showCopies')}
                </button>
              )}
            </RecipientField>
            {areCopiesShown && (
              <>
                <RecipientField
                  label={t('compose.cc')}
                  people={draft.cc}
                  onChange={(cc) => onChange({ ...draft, cc })}
                />
                <RecipientField
                  label={t('compose.bcc')}
                  people={draft.bcc}
                  onChange={(bcc) => onChange({ ...draft, bcc })}
                />
              </>
            )}
            <div className="compose__line">
              <label htmlFor={`${id}-subject`}>{t('compose.subject')}</label>
              <input
                id={`${id}-subject`}
                value={draft.subject}
                maxLength={998}
                onChange={(event) => onChange({ ...draft, subject: event.target.value })}
              />
            </div>
          </div>
          <Suspense
            fallback={
              <div className="compose__body">
                <Skeleton count={3} />
              </div>
            }
          >
            <Editor
              html={draft.body}
              onChange={(body) => onChange({ ...draft, body })}
              isFocused={draft.to.length > 0}
            />
          </Suspense>
          <div className="compose__foot">
            <Button kind="primary" icon="send" disabled={!canSend} onClick={onSend}>
              {t('compose.send')}
            </Button>
            <span className="compose__space" />
            <IconButton label={t('compose.discard')} icon="trash" tone="danger" onClick={onDiscard} />
          </div>
        </>
      )}
    </div>
  );
}
