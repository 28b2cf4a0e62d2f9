import { Suspense, useEffect, useState } from 'react';
import { useTexts } from '#web/locales/texts.ts';
import { Button } from '#web/ui/Button.tsx';
import { later } from '#web/ui/later.ts';
import { useModel } from '#web/webmail/MailContext.tsx';
import type { ReportedLetter } from '#web/webmail/reports-model.ts';

const ReportDialog = later(() => import('./ReportDialog.tsx').then(({ ReportDialog }) => ({ default: ReportDialog })));

/** Nothing where no help desk takes reports. */
export function ReportButton({ about }: { readonly about: ReportedLetter }) {
  const { t } = useTexts();
  const isTaken = useReportsTaken();
  const [isOpen, setOpen] = useState(false);
  if (!isTaken) return null;
  return (
    <>
      <Button kind="quiet" icon="help" onClick={() => setOpen(true)}>
        {t('report.title')}
      </Button>
      {isOpen && (
        <Suspense>
          <ReportDialog about={about} onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}

export function useReportsTaken(): boolean {
  const { reports } = useModel();
  const [isTaken, setTaken] = useState(false);
  useEffect(() => void reports.isTaken().then(setTaken), [reports]);
  return isTaken;
}
