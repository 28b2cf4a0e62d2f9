/** Every change that can be made to what JMAP keeps beside mail, by name: the one list that backends run from. */
import type { AccountId } from '#base/ids.ts';
import { attend, settleSubmissions } from './operations/attend.ts';
import { expireUploads } from './operations/drop-uploads.ts';
import { forgetChanges } from './operations/forget-changes.ts';
import { provideIdentities } from './operations/provide-identities.ts';
import { putUpload } from './operations/put-upload.ts';
import {
  createAddressBook,
  createCards,
  destroyAddressBook,
  destroyCard,
  provideAddressBook,
  updateAddressBook,
  updateCard,
} from './operations/set-contacts.ts';
import { createIdentity, destroyIdentity, updateIdentity } from './operations/set-identity.ts';
import {
  claimPush,
  createPushSubscription,
  destroyPushOf,
  destroyPushSubscription,
  updatePushSubscription,
} from './operations/set-push-subscription.ts';
import { cancelSubmission, createSubmission, destroySubmission } from './operations/set-submission.ts';
import { useUpload } from './operations/use-upload.ts';
import type { JmapOperation, JmapTransaction } from './ports/jmap-store.ts';

const operations = {
  putUpload: { run: putUpload },
  // What a crash takes of these is done again.
  useUpload: { durable: false, run: useUpload },
  expireUploads: { durable: false, run: expireUploads },
  provideIdentities: { run: provideIdentities },
  createIdentity: { run: createIdentity },
  updateIdentity: { run: updateIdentity },
  destroyIdentity: { run: destroyIdentity },
  createSubmission: { run: createSubmission },
  cancelSubmission: { run: cancelSubmission },
  destroySubmission: { run: destroySubmission },
  settleSubmissions: { run: settleSubmissions },
  createPushSubscription: { run: createPushSubscription },
  updatePushSubscription: { run: updatePushSubscription },
  destroyPushSubscription: { run: destroyPushSubscription },
  destroyPushOf: { run: destroyPushOf },
  provideAddressBook: { run: provideAddressBook },
  createAddressBook: { run: createAddressBook },
  updateAddressBook: { run: updateAddressBook },
  destroyAddressBook: { run: destroyAddressBook },
  createCards: { run: createCards },
  updateCard: { run: updateCard },
  destroyCard: { run: destroyCard },
  // What a crash takes of these is pushed again.
  claimPush: { durable: false, run: claimPush },
  attend: { run: attend },
  forgetChanges: { durable: false, run: forgetChanges },
  forgetAccount: {
    run: (tx: JmapTransaction, { accountId }: { readonly accountId: AccountId }): Promise<void> =>
      tx.deleteAccount(accountId),
  },
} satisfies Record<string, JmapOperation>;

/** Their names, arguments and results, for callers. Arguments are plain data: they may cross a thread. */
export type JmapOperations = typeof operations;
export type JmapArgs<Name extends keyof JmapOperations> = Parameters<JmapOperations[Name]['run']>[1];
export type JmapResult<Name extends keyof JmapOperations> = Awaited<ReturnType<JmapOperations[Name]['run']>>;

export const jmapOperations: Readonly<Record<string, JmapOperation>> = operations;
