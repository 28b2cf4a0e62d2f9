/** Every change that can be made to what trust keeps, by name: the one list that backends run from. */
import type { StsPolicy } from './mta-sts.ts';
import { activateDkimKey } from './operations/activate-dkim-key.ts';
import { addDkimKey } from './operations/add-dkim-key.ts';
import { addDmarcReport } from './operations/add-dmarc-report.ts';
import { claimReport } from './operations/claim-report.ts';
import { countObservations } from './operations/count-observations.ts';
import { removeDkimKey } from './operations/remove-dkim-key.ts';
import { retireDkimKey } from './operations/retire-dkim-key.ts';
import type { ForgetLimits, TrustOperation, TrustTransaction } from './ports/trust-store.ts';

const operations = {
  addDkimKey: { run: addDkimKey },
  activateDkimKey: { run: activateDkimKey },
  retireDkimKey: { run: retireDkimKey },
  removeDkimKey: { run: removeDkimKey },
  // What a crash takes of these is fetched again, or was a count.
  keepStsPolicy: {
    durable: false,
    run: (tx: TrustTransaction, args: { readonly domain: string; readonly policy: StsPolicy }): Promise<void> =>
      tx.putStsPolicy(args.domain, args.policy),
  },
  countObservations: { durable: false, run: countObservations },
  forget: { durable: false, run: (tx: TrustTransaction, limits: ForgetLimits): Promise<void> => tx.forget(limits) },
  // On stable storage: a report that is sent twice counts twice where it arrives.
  claimReport: { run: claimReport },
  addDmarcReport: { run: addDmarcReport },
} satisfies Record<string, TrustOperation>;

/** Their names, arguments and results, for callers. Arguments are plain data: they may cross a thread. */
export type TrustOperations = typeof operations;

export const trustOperations: Readonly<Record<string, TrustOperation>> = operations;
