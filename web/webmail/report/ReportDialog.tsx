import { useState } from 'react';
import { PROBLEM_TEXT_LENGTH, PROBLEMS, type Problem } from '#contract/jmap/problem-report.ts';
import { useTexts, type LabelKey } from '#web/locales/texts.ts';
import { Banner } from '#web/ui/Banner.tsx';
import { Button } from '#web/ui/Button.tsx';
import { Dialog } from '#web/ui/Dialog.tsx';
import { Choice, TextField } from '#web/ui/Field.tsx';
import { useModel } from '#web/webmail/MailContext.tsx';
import type { ReportedLetter } from '#web/webmail/reports-model.ts';

const PROBLEM_NAMES: Readonly<Record<Problem, LabelKey>> = {
  notArrived: 'report.notArrived',
  notReceived: 'report.notReceived',
  late: 'report.late',
  junk: 'report.junk',
  unreadable: 'report.unreadable',
  other: 'report.other',
};

/** Of what was sent, that it did not arrive; of what lies here, that it cannot be read. */
function likelyProblem({ traceId, letterId }: ReportedLetter): Problem {
  if (traceId !== undefined) return 'notArrived';
  return letterId === undefined ? 'notReceived' : 'unreadable';
}

export interface ReportDialogProps {
  readonly about: ReportedLetter;
  readonly onClose: () => void;
}

/** 反馈问题: what is wrong, in a word or in one's own; the rest the server adds. */
export function ReportDialog({ about, onClose }: ReportDialogProps) {
  const { t } = useTexts();
  const { reports } = useModel();
  const isAboutLetter = about.traceId !== undefined || about.letterId !== undefined;
  const [problem, setProblem] = useState<Problem>(likelyProblem(about));
  const [text, setText] = useState('');
  const [isBusy, setBusy] = useState(false);
  const [outcome, setOutcome] = useState<{ readonly ticket: string } | 'tooMany' | 'failed'>();
  const send = async () => {
    setBusy(true);
    setOutcome(await reports.send(problem, text, about));
    setBusy(false);
  };
  const isSent = typeof outcome === 'object';
  return (
    <Dialog
      title={t('report.title')}
      closeLabel={t('shell.close')}
      onClose={onClose}
      footer={
        isSent ? (
          <Button kind="primary" onClick={onClose}>
            {t('report.done')}
          </Button>
        ) : (
          <>
            <Button onClick={onClose}>{t('report.cancel')}</Button>
            <Button kind="primary" isBusy={isBusy} onClick={() => void send()}>
              {t('report.send')}
            </Button>
          </>
        )
      }
    >
      {isSent ? (
        <p role="status">{t('report.sent', { ticket: outcome.ticket })}</p>
      ) : (
        <div className="settings__choices">
          {outcome === 'failed' && <Banner tone="trouble">{t('report.failed')}</Banner>}
          {outcome === 'tooMany' && <Banner tone="trouble">{t('report.tooMany')}</Banner>}
          <Choice
            label={t('report.what')}
            value={problem}
            options={PROBLEMS.map((value) => ({ value, label: t(PROBLEM_NAMES[value]) }))}
            onChange={setProblem}
          />
          <TextField
            label={t('report.text')}
            rows={4}
            maxLength={PROBLEM_TEXT_LENGTH}
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
          <p className="settings__quiet">{isAboutLetter ? t('report.hintLetter') : t('report.hint')}</p>
        </div>
      )}
    </Dialog>
  );
}
