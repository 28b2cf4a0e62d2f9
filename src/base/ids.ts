/** Branded ids: numbers and strings that must not be mixed. All are positive safe integers unless said. */
declare const brand: unique symbol;
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };

export type AccountId = Brand<number, 'AccountId'>;
export type MailboxId = Brand<number, 'MailboxId'>;
export type EmailId = Brand<number, 'EmailId'>;
export type ThreadId = Brand<number, 'ThreadId'>;
/** Of an Email that was deleted and can be had back: grows with every deletion of its account. */
export type DeletionId = Brand<number, 'DeletionId'>;
/** Internal row id of a stored blob; never shown to clients. */
export type BlobKey = Brand<number, 'BlobKey'>;
/** RFC 9051 §2.3.1.1: 1 … 2^32-1, ascending and never reused within a mailbox's uidValidity. */
export type Uid = Brand<number, 'Uid'>;
/** RFC 7162 §3.1: per account, grows with every change; below 2^53. */
export type ModSeq = Brand<number, 'ModSeq'>;
/**
 * What Received, the log, the trace and the queue call one message on its way: 13 letters, of which the first eight
 * tell the time, so that ids sort by age. See `newQueueId`.
 */
export type QueueId = Brand<string, 'QueueId'>;
