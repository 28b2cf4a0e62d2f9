import { useState } from 'react';
import { useTexts } from '#web/locales/texts.ts';
import { Banner } from '#web/ui/Banner.tsx';
import { IconButton } from '#web/ui/Button.tsx';
import { Dialog } from '#web/ui/Dialog.tsx';
import { EmptyState, Skeleton } from '#web/ui/EmptyState.tsx';
import { useModel } from '#web/webmail/MailContext.tsx';
import { useAnswer } from '#web/webmail/use-answer.ts';
import type { Draft, TemplateView } from '#web/webmail/writing.ts';

export interface TemplatesDialogProps {
  readonly onClose: () => void;
  readonly onChoose: (template: Draft) => void;
}

/** 模板: letters kept to begin others with. */
export function TemplatesDialog({ onClose, onChoose }: TemplatesDialogProps) {
  const { t } = useTexts();
  const { writing } = useModel();
  const [gone, setGone] = useState<readonly string[]>([]);
  const [isFailed, setFailed] = useState(false);
  const answer = useAnswer<readonly TemplateView[]>('templates', () => writing.templates());
  const templates = typeof answer === 'string' ? [] : answer.filter(({ savedId }) => !gone.includes(savedId));
  const choose = (savedId: string) => {
    writing.read(savedId).then(
      (template) => (template === undefined ? setFailed(true) : onChoose(template)),
      () => setFailed(true),
    );
  };
  return (
    <Dialog title={t('templates.title')} closeLabel={t('shell.close')} onClose={onClose}>
      {(answer === 'failed' || isFailed) && <Banner tone="trouble">{t('templates.failed')}</Banner>}
      {answer === 'asking' && <Skeleton count={3} />}
      {typeof answer === 'object' && templates.length === 0 && (
        <EmptyState icon="drafts" title={t('templates.none')}>
          {t('templates.how')}
        </EmptyState>
      )}
      <ul className="templates">
        {templates.map(({ savedId, subject }) => (
          <li key={savedId}>
            <button type="button" className="templates__use one-line" onClick={() => choose(savedId)}>
              {subject || t('list.noSubject')}
            </button>
            <IconButton
              label={t('templates.delete', { subject: subject || t('list.noSubject') })}
              icon="trash"
              size="small"
              onClick={() => {
                writing.throwAway(savedId);
                setGone([...gone, savedId]);
              }}
            />
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
