import { Suspense, useId, useRef, useState, type DragEvent } from 'react';
import { useTexts, type Texts } from '#web/locales/texts.ts';
import { Banner } from '#web/ui/Banner.tsx';
import { Button, IconButton } from '#web/ui/Button.tsx';
import { later } from '#web/ui/later.ts';
import { useToast } from '#web/ui/Toasts.tsx';
import { changeSignature, withTemplate } from '#web/webmail/signature.ts';
import { classes } from '#web/ui/classes.ts';
import { Skeleton } from '#web/ui/EmptyState.tsx';
import { Menu } from '#web/ui/Menu.tsx';
import { isRefused, isUploading, type Desk, type Letter } from '#web/webmail/desk.ts';
import { useLive } from '#web/webmail/live.ts';
import { mayWriteFrom } from '#web/webmail/endings.ts';
import { useModel } from '#web/webmail/MailContext.tsx';
import { WritingError, type Draft } from '#web/webmail/writing.ts';
import { TemplatesDialog } from './TemplatesDialog.tsx';
import { Files } from './Files.tsx';
import { EndingNote } from './EndingNote.tsx';
import { RecipientField } from './RecipientField.tsx';
import { ScheduleDialog } from './ScheduleDialog.tsx';
import { troubleText } from './trouble-text.ts';
import { WarningDialog } from './WarningDialog.tsx';
import { warningsOf, type Warning } from './warnings.ts';
import './compose.css';

const Editor = later(() => import('./Editor.tsx').then(({ Editor }) => ({ default: Editor })));

export interface SendHow {
  /** Undefined: now. */
  readonly sendAt: Date | undefined;
  /** The conversation that it answers goes to the archive. */
  readonly archives: boolean;
}

const NOW: SendHow = { sendAt: undefined, archives: false };

export interface ComposeWindowProps {
  readonly letter: Letter;
  readonly desk: Desk;
  readonly onClose: () => void;
  /** Nothing speaks against it any more. */
  readonly onSend: (how: SendHow) => void;
  readonly onDiscard: () => void;
}

/** Held up before it goes: by the choice of a time, or by something to think of. */
type Held =
  | { readonly by: 'schedule' | 'templates' }
  | { readonly by: 'warnings'; readonly warnings: readonly Warning[]; readonly how: SendHow };

/** A letter being written: a window at the foot of the screen, on a phone the whole of it. */
export function ComposeWindow({ letter, desk, onClose, onSend, onDiscard }: ComposeWindowProps) {
  const texts = useTexts();
  const { t } = texts;
  const toast = useToast();
  const { account, writing } = useModel();
  const { identities } = useLive(account);
  const [isLarge, setLarge] = useState(false);
  const [held, setHeld] = useState<Held>();
  const { draft, isFolded, unsent, unkept, news } = letter;
  const [areCopiesShown, showCopies] = useState(draft.cc.length + draft.bcc.length > 0);
  const [templatesUsed, countTemplate] = useState(0);
  const filePicker = useRef<HTMLInputElement>(null);
  const id = useId();
  const title = draft.subject || t('compose.new');
  const isBusy = isUploading(letter);
  const hasRecipients = draft.to.length + draft.cc.length + draft.bcc.length > 0;
  const sender = identities.find(({ address }) => address === draft.from);
  const canSend = hasRecipients && !isBusy && !isRefused(letter) && (sender === undefined || mayWriteFrom(sender));
  const change = (change: Partial<Draft>) => desk.change(draft.id, (now) => ({ ...now, ...change }));
  const signatureOf = (address: string) => identities.find((one) => one.address === address)?.signature ?? '';
  const writeFrom = (from: string) =>
    change({ from, body: changeSignature(draft.body, signatureOf(draft.from), signatureOf(from)) });
  const fold = (isFolded: boolean) => desk.fold(draft.id, isFolded);

  const send = (how: SendHow) => {
    if (!canSend) return;
    const warnings = warningsOf(
      draft,
      identities.map(({ address }) => address),
    );
    if (warnings.length > 0) setHeld({ by: 'warnings', warnings, how });
    else onSend(how);
  };
  const keepAsTemplate = async () => {
    try {
      const body = changeSignature(draft.body, signatureOf(draft.from), '');
      await writing.keepTemplate({ ...draft, body });
      toast({ text: t('templates.kept') });
    } catch (error) {
      if (!(error instanceof WritingError)) throw error;
      toast({ text: troubleText(error.trouble, texts), tone: 'trouble' });
    }
  };
  const drop = (event: DragEvent) => {
    const files = [...event.dataTransfer.files];
    if (files.length === 0) return;
    event.preventDefault();
    desk.attach(draft.id, files, { isInline: false });
  };

  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- keys of the fields in it, on their way up
    <div
      role="dialog"
      className={classes('compose', isFolded ? 'compose--folded' : isLarge && 'compose--large')}
      aria-label={title}
      onDragOver={(event) => event.dataTransfer.types.includes('Files') && event.preventDefault()}
      onDropCapture={drop}
      onKeyDown={(event) => {
        // What is opened over the window has its keys for itself.
        if (event.nativeEvent.isComposing || held !== undefined) return;
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) send(NOW);
        else if (event.key === 'Escape') onClose();
        else return;
        event.preventDefault();
      }}
    >
      <div className="compose__head">
        <h2 className="one-line">{title}</h2>
        <span className="compose__sizes">
          <IconButton
            label={isFolded ? t('compose.unfold') : t('compose.fold')}
            icon="minimise"
            size="small"
            onClick={() => fold(!isFolded)}
          />
          <IconButton
            label={isLarge && !isFolded ? t('compose.smaller') : t('compose.larger')}
            icon="external"
            size="small"
            onClick={() => {
              setLarge(isFolded || !isLarge);
              fold(false);
            }}
          />
        </span>
        <IconButton label={t('compose.close')} icon="close" size="small" onClick={onClose} />
      </div>
      {!isFolded && (
        <>
          {(unsent ?? unkept) && (
            <Banner tone="trouble">
              {unsent ? `${t('compose.notSent')} ${troubleText(unsent, texts)}` : t('compose.notKept')}
              {!unsent && unkept && ` ${troubleText(unkept, texts)}`}
            </Banner>
          )}
          {news && <Banner tone="info">{t(`letterNews.${news}`)}</Banner>}
          <div className="compose__fields">
            <div className="compose__line">
              <label htmlFor={`${id}-from`}>{t('compose.from')}</label>
              <select id={`${id}-from`} value={draft.from} onChange={(event) => writeFrom(event.target.value)}>
                {identities
                  .filter((one) => mayWriteFrom(one) || one.address === draft.from)
                  .map(({ name, address }) => (
                    <option key={address} value={address}>{`${name} <${address}>`}</option>
                  ))}
              </select>
            </div>
            {sender?.ending && <EndingNote ending={sender.ending} onWriteFrom={writeFrom} />}
            <RecipientField
              label={t('compose.to')}
              people={draft.to}
              onChange={(to) => change({ to })}
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
                <RecipientField label={t('compose.cc')} people={draft.cc} onChange={(cc) => change({ cc })} />
                <RecipientField label={t('compose.bcc')} people={draft.bcc} onChange={(bcc) => change({ bcc })} />
              </>
            )}
            <div className="compose__line">
              <label htmlFor={`${id}-subject`}>{t('compose.subject')}</label>
              <input
                id={`${id}-subject`}
                value={draft.subject}
                maxLength={998}
                onChange={(event) => change({ subject: event.target.value })}
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
            {/* Another's signature and a template come from outside the editor, which keeps its text for itself. */}
            <Editor
              key={`${draft.from} ${templatesUsed}`}
              html={draft.body}
              onChange={(body) => change({ body })}
              isFocused={draft.to.length > 0}
              files={{ desk, letter: draft.id }}
            />
          </Suspense>
          <Files letter={letter} desk={desk} />
          <div className="compose__foot">
            <Button kind="primary" icon="send" disabled={!canSend} onClick={() => send(NOW)}>
              {t('compose.send')}
            </Button>
            <IconButton label={t('compose.attach')} icon="attachment" onClick={() => filePicker.current?.click()} />
            <input
              ref={filePicker}
              type="file"
              multiple
              hidden
              aria-label={t('compose.attach')}
              onChange={(event) => {
                desk.attach(draft.id, [...(event.target.files ?? [])], { isInline: false });
                event.target.value = '';
              }}
            />
            <Menu
              label={t('compose.options')}
              renderButton={(button) => <IconButton {...button} label={t('compose.options')} icon="more" />}
              groups={[
                [
                  ...(draft.concerns?.how === 'answers'
                    ? [
                        {
                          label: t('compose.sendAndArchive'),
                          icon: 'archive' as const,
                          isDisabled: !canSend,
                          choose: () => send({ ...NOW, archives: true }),
                        },
                      ]
                    : []),
                  {
                    label: t('compose.schedule'),
                    icon: 'calendar',
                    isDisabled: !canSend,
                    choose: () => setHeld({ by: 'schedule' }),
                  },
                ],
                [
                  {
                    label: t('templates.use'),
                    icon: 'drafts',
                    choose: () => setHeld({ by: 'templates' }),
                  },
                  { label: t('templates.keep'), icon: 'plus', choose: () => void keepAsTemplate() },
                ],
                [
                  {
                    label: t('compose.oneByOne'),
                    isChecked: draft.isOneByOne,
                    choose: () => change({ isOneByOne: !draft.isOneByOne }),
                  },
                  {
                    label: t('compose.important'),
                    isChecked: draft.isImportant,
                    choose: () => change({ isImportant: !draft.isImportant }),
                  },
                  {
                    label: t('compose.receipt'),
                    isChecked: draft.wantsReceipt,
                    choose: () => change({ wantsReceipt: !draft.wantsReceipt }),
                  },
                ],
              ]}
            />
            <span className="compose__state" role="status">
              {[
                isBusy ? t('compose.stillUploading') : keepingText(letter, texts),
                draft.isOneByOne && t('compose.oneByOne'),
              ]
                .filter(Boolean)
                .join(' · ')}
            </span>
            <IconButton label={t('compose.discard')} icon="trash" tone="danger" onClick={onDiscard} />
          </div>
        </>
      )}
      {held?.by === 'schedule' && (
        <ScheduleDialog
          onClose={() => setHeld(undefined)}
          onChoose={(sendAt) => {
            setHeld(undefined);
            send({ ...NOW, sendAt });
          }}
        />
      )}
      {held?.by === 'templates' && (
        <TemplatesDialog
          onClose={() => setHeld(undefined)}
          onChoose={(template) => {
            setHeld(undefined);
            change({
              subject: draft.subject || template.subject,
              body: withTemplate(draft.body, template.body),
              files: [...draft.files, ...template.files],
            });
            countTemplate(templatesUsed + 1);
          }}
        />
      )}
      {held?.by === 'warnings' && (
        <WarningDialog
          warnings={held.warnings}
          onBack={() => setHeld(undefined)}
          onSend={() => {
            setHeld(undefined);
            onSend(held.how);
          }}
        />
      )}
    </div>
  );
}

/** '' for a letter of which there is nothing to be kept yet. */
function keepingText({ keeping, draft }: Letter, { t }: Texts): string {
  if (keeping === 'kept') return draft.savedId === undefined ? '' : t('compose.kept');
  return keeping === 'failed' ? t('compose.keptNot') : t('compose.keeping');
}
