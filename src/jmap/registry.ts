/** Every method there is. */
import type { Method } from './core/method.ts';
import { addressBookChanges, addressBookGet } from './methods/address-book/get.ts';
import { addressBookSet } from './methods/address-book/set.ts';
import { blobCopy } from './methods/blob/copy.ts';
import { blobGet } from './methods/blob/get.ts';
import { blobLookup } from './methods/blob/lookup.ts';
import { blobUpload } from './methods/blob/upload.ts';
import { contactCardExport, contactCardParse } from './methods/contact-card/files.ts';
import { contactCardChanges, contactCardGet } from './methods/contact-card/get.ts';
import { contactCardQuery, contactCardQueryChanges } from './methods/contact-card/query.ts';
import { contactCardCopy, contactCardSet } from './methods/contact-card/set.ts';
import { coreEcho } from './methods/core/echo.ts';
import { delegationGet, delegationSet } from './methods/delegation/delegation.ts';
import { deletionDestroy, deletionGet, deletionQuery, deletionRecover } from './methods/deletion/deletion.ts';
import { emailSubmissionChanges, emailSubmissionGet } from './methods/email-submission/get.ts';
import { emailSubmissionQuery, emailSubmissionQueryChanges } from './methods/email-submission/query.ts';
import { emailSubmissionSet } from './methods/email-submission/set.ts';
import { emailChanges } from './methods/email/changes.ts';
import { emailCopy } from './methods/email/copy.ts';
import { emailGet } from './methods/email/get.ts';
import { emailImport } from './methods/email/import.ts';
import { emailParse } from './methods/email/parse.ts';
import { emailQuery, emailQueryChanges } from './methods/email/query.ts';
import { emailSet } from './methods/email/set.ts';
import { forwardingRuleGet, forwardingRuleSet } from './methods/forwarding-rule/forwarding-rule.ts';
import { identityChanges, identityGet } from './methods/identity/get.ts';
import { identitySet } from './methods/identity/set.ts';
import { listUnsubscribePost } from './methods/list-unsubscribe/post.ts';
import { mailFilterApply } from './methods/mail-filter/apply.ts';
import { mailFilterGet, mailFilterSet } from './methods/mail-filter/mail-filter.ts';
import { mailboxChanges } from './methods/mailbox/changes.ts';
import { mailboxEmpty } from './methods/mailbox/empty.ts';
import { mailboxGet } from './methods/mailbox/get.ts';
import { mailboxQuery, mailboxQueryChanges } from './methods/mailbox/query.ts';
import { mailboxSet } from './methods/mailbox/set.ts';
import { mdnParse } from './methods/mdn/parse.ts';
import { mdnSend } from './methods/mdn/send.ts';
import { mailMoveDismiss, mailMoveGet } from './methods/mail-move/mail-move.ts';
import { messageTraceGet, messageTraceQuery, messageTraceRecall } from './methods/message-trace/message-trace.ts';
import { personGet, personQuery, unitGet } from './methods/person/person.ts';
import { problemReportSend } from './methods/problem-report/problem-report.ts';
import { pushSubscriptionGet, pushSubscriptionSet } from './methods/push-subscription/push-subscription.ts';
import { quotaChanges, quotaGet, quotaQuery, quotaQueryChanges } from './methods/quota/quota.ts';
import { searchSnippetGet } from './methods/search-snippet/get.ts';
import { threadChanges } from './methods/thread/changes.ts';
import { threadGet } from './methods/thread/get.ts';
import { vacationResponseGet, vacationResponseSet } from './methods/vacation-response/vacation-response.ts';

const METHODS: readonly Method[] = [
  addressBookChanges,
  addressBookGet,
  addressBookSet,
  blobCopy,
  blobGet,
  blobLookup,
  blobUpload,
  contactCardChanges,
  contactCardCopy,
  contactCardExport,
  contactCardGet,
  contactCardParse,
  contactCardQuery,
  contactCardQueryChanges,
  contactCardSet,
  coreEcho,
  delegationGet,
  delegationSet,
  deletionDestroy,
  deletionGet,
  deletionQuery,
  deletionRecover,
  emailChanges,
  emailCopy,
  emailGet,
  emailImport,
  emailParse,
  emailQuery,
  emailQueryChanges,
  emailSet,
  emailSubmissionChanges,
  emailSubmissionGet,
  emailSubmissionQuery,
  emailSubmissionQueryChanges,
  emailSubmissionSet,
  forwardingRuleGet,
  forwardingRuleSet,
  identityChanges,
  identityGet,
  identitySet,
  listUnsubscribePost,
  mailFilterApply,
  mailFilterGet,
  mailFilterSet,
  mailboxChanges,
  mailboxEmpty,
  mailboxGet,
  mailboxQuery,
  mailboxQueryChanges,
  mailboxSet,
  mdnParse,
  mdnSend,
  messageTraceGet,
  messageTraceQuery,
  messageTraceRecall,
  mailMoveGet,
  mailMoveDismiss,
  personGet,
  personQuery,
  problemReportSend,
  pushSubscriptionGet,
  pushSubscriptionSet,
  quotaChanges,
  quotaGet,
  quotaQuery,
  quotaQueryChanges,
  searchSnippetGet,
  threadChanges,
  threadGet,
  unitGet,
  vacationResponseGet,
  vacationResponseSet,
];

export const methods: ReadonlyMap<string, Method> = new Map(METHODS.map((method) => [method.name, method]));
