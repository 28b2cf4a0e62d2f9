import { useState, type ReactNode } from 'react';
import { useTexts } from '#web/locales/texts.ts';
import { Dialog } from '#web/ui/Dialog.tsx';
import type { Refused } from './auth.ts';
import { StepForm } from './StepForm.tsx';
import { isFailure, prove, type Failure } from './strong.ts';

/** Does something that may want a fresh proof; what comes of it. */
export type Guarded = <Result extends object>(
  act: () => Promise<Result | Failure | undefined>,
) => Promise<Result | Failure | undefined>;

/** For pages that change what protects an account: what they do goes through `guarded`, which asks for a proof by `proofDialog`. */
export function useProof(): { readonly guarded: Guarded; readonly proofDialog: ReactNode } {
  const [asked, setAsked] = useState<Asked>();
  const guarded: Guarded = async (act) => {
    const result = await act();
    if (result === undefined || !isFailure(result) || result.error !== 'proofRequired') return result;
    const isProven = await new Promise<boolean>((resolve) => setAsked({ refused: result, resolve }));
    setAsked(undefined);
    return isProven ? act() : { error: 'dismissed', retryAfter: 0 };
  };
  return { guarded, proofDialog: asked !== undefined && <ProofDialog asked={asked} /> };
}

interface Asked {
  readonly refused: Pick<Refused, 'steps' | 'phone'>;
  readonly resolve: (isProven: boolean) => void;
}

/** A browser left open must not be enough to take an account over. */
function ProofDialog({ asked: { refused, resolve } }: { readonly asked: Asked }) {
  const { t } = useTexts();
  const [failure, setFailure] = useState<Failure>();
  const [isBusy, setBusy] = useState(false);
  return (
    <Dialog title={t('security.proof')} closeLabel={t('security.close')} onClose={() => resolve(false)}>
      <p className="settings__quiet">{t('security.proofHint')}</p>
      <StepForm
        steps={refused.steps ?? []}
        phone={refused.phone}
        failure={failure}
        isBusy={isBusy}
        onShow={(step) => {
          setBusy(true);
          setFailure(undefined);
          void prove(step).then((failed) => {
            setBusy(false);
            if (failed === undefined) resolve(true);
            else setFailure(failed);
          });
        }}
      />
    </Dialog>
  );
}
