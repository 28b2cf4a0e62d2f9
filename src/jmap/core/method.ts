/** What a JMAP method is, and what it works with. */
import type { Audit } from '#audit/audit.ts';
import type { DelegatedActs } from '#audit/delegated-acts.ts';
import type { Clock } from '#base/clock.ts';
import type { AccountId } from '#base/ids.ts';
import type { Logger } from '#base/log.ts';
import type { Random } from '#base/random.ts';
import type { CAPABILITIES } from '#contract/jmap/core.ts';
import type { DeletionCapability } from '#contract/jmap/deletion.ts';
import type { Id } from '#contract/jmap/values.ts';
import type { MailAccount } from '#mail/account.ts';
import type { Mail } from '#mail/mail.ts';
import type { DeletedBy } from '#mail/types.ts';
import type { GenericSchema, InferOutput } from 'valibot';
import type { SharedAccount } from '#directory/delegation.ts';
import type { AddressBook } from '#directory/address-book.ts';
import type { Directory } from '#directory/directory.ts';
import type { OneClickSender } from '#jmap/one-click-sender.ts';
import type { JmapRecords } from '#jmap/records.ts';
import type { Uploads } from '#jmap/uploads.ts';
import type { Queue } from '#queue/queue.ts';
import type { Search } from '#search/search.ts';
import type { Receiver } from '#smtp/receiver.ts';
import type { RecallPolicy } from '#submission/recall-message.ts';
import type { OwnMoves } from '#migration/own-move.ts';
import type { TraceStore } from '#trace/ports/trace-store.ts';
import type { TraceRecorder } from '#trace/recorder.ts';

export type Capability = (typeof CAPABILITIES)[keyof typeof CAPABILITIES];

export interface MessagePolicy {
  /** How far back, milliseconds. */
  readonly shownMs: number;
  /** Whether senders see that a mailbox here has their message as read. */
  readonly showsRead: boolean;
  readonly recall: RecallPolicy;
}

/** Whom people turn to. */
export interface HelpDesk {
  /** null: there is none. */
  readonly address: string | null;
  /** Sends it a message of the system's own. */
  readonly post: (octets: Buffer, to: string) => Promise<void>;
}

/** What the methods of a thread share. */
export interface JmapServices {
  readonly mail: Mail;
  readonly uploads: Pick<Uploads, 'put' | 'read'>;
  readonly records: JmapRecords;
  readonly directory: Pick<
    Directory,
    | 'account'
    | 'senderStanding'
    | 'vacations'
    | 'setVacation'
    | 'forwardings'
    | 'setForwarding'
    | 'forwardingRules'
    | 'filters'
    | 'setFilter'
    | 'resolveAddress'
    | 'expandGroup'
    | 'groupsAbove'
    | 'claimNotice'
    | 'watchAccounts'
    | 'sharedWith'
    | 'isArchived'
    | 'delegationsOf'
    | 'setDelegation'
    | 'box'
    | 'findAddress'
    | 'addressesOf'
    | 'defaultSender'
    | 'lives'
    | 'setDefaultSender'
  >;
  readonly addressBook: Pick<AddressBook, 'search' | 'inUnit' | 'units' | 'find'>;
  /** Submission's own: what is sent here is judged, completed and queued like what mail programs send. Saves no copy in Sent. */
  readonly submission: Receiver;
  readonly queue: Pick<Queue, 'manage'>;
  readonly audit: Pick<Audit, 'record'>;
  readonly delegatedActs: Pick<DelegatedActs, 'note'>;
  readonly trace: TraceRecorder;
  readonly traces: TraceStore['reader'];
  readonly moves: Pick<OwnMoves, 'read' | 'dismiss'>;
  /** What people are told of what became of their messages, and whether they can take them back. */
  readonly messages: MessagePolicy;
  readonly openAccount: (accountId: AccountId) => Promise<MailAccount>;
  readonly search: Pick<Search, 'match' | 'snippets'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** What follows the `@` of message ids made here, and our authserv-id (RFC 8601 §2.5). */
  readonly hostname: string;
  /** Octets of one upload, and of one blob made of others. */
  readonly maxUploadBytes: number;
  /** Octets of one message. */
  readonly maxMessageBytes: number;
  /** The longest a message may be put off, seconds. */
  readonly maxDelayedSend: number;
  /** How long mail is kept that is on its way out. */
  readonly kept: DeletionCapability;
  readonly helpDesk: HelpDesk;
  readonly oneClick: Pick<OneClickSender, 'post'>;
  /** By which push services know us (RFC 8292): an uncompressed point of P-256, base64url. */
  readonly applicationServerKey: string;
}

/** Who is asking. */
export interface JmapCaller {
  readonly accountId: AccountId;
  /** The address that signed in. */
  readonly login: string;
  /** By what it signed in: push subscriptions are its alone. */
  readonly owner: string;
  /** By a session of the webmail, or as a program. */
  readonly way: 'web' | 'jmap';
  /** What the program calls itself: its User-Agent, or nothing. */
  readonly agent: string;
  /** Numeric. */
  readonly remoteAddress: string;
  /** Counts a further request that comes by the same connection; false when it asks too often. */
  readonly admit: () => boolean;
  /** Calls back once when it may ask no more: its session ended. Until unsubscribed. */
  readonly watch: (onEnded: () => void) => () => void;
}

/** Whom a request comes from, and what its calls share. */
export interface MethodContext {
  readonly services: JmapServices;
  readonly caller: JmapCaller;
  /** The account the call is about: the caller's, or one that is shared with it. */
  readonly accountId: AccountId;
  readonly account: MailAccount;
  /** As what the caller uses an account that is not its own. */
  readonly share: SharedAccount | undefined;
  /** Capabilities the request named. */
  readonly using: ReadonlySet<string>;
  /** By creation id, over the whole request (RFC 8620 §3.3). */
  readonly createdIds: Map<string, Id>;
  /** Answers of calls that a method makes by itself come after its own, under the same call id. */
  readonly callAfter: (name: string, args: Readonly<Record<string, unknown>>) => void;
  /** Lets others have their turn when this request has worked for a while. */
  readonly pause: () => Promise<void>;
}

/** Who deletes what a call deletes. */
export function deleter({ caller: { way, login, agent } }: Pick<MethodContext, 'caller'>): DeletedBy {
  return { way, login, agent };
}

export type Access = 'read' | 'write' | 'manage' | 'own';

export interface Method {
  /** `Email/get`. */
  readonly name: string;
  readonly capability: Capability;
  readonly arguments: GenericSchema;
  /** Whether its arguments name an account; what the caller may do there is checked before it runs. */
  readonly isOfAccount: boolean;
  /** What has to be allowed in an account of others; `own`: it is for the caller's own alone. By its verb when absent. */
  readonly access?: Access;
  /** Answers the response's arguments. Throws MethodError, or MailError. */
  run(context: MethodContext, args: never): Promise<object>;
}

/** A method of an account, its arguments typed by their check. */
export function defineMethod<const Schema extends GenericSchema>(method: {
  readonly name: string;
  readonly capability: Capability;
  readonly arguments: Schema;
  readonly isOfAccount?: boolean;
  readonly access?: Access;
  run(context: MethodContext, args: InferOutput<Schema>): Promise<object>;
}): Method {
  return { isOfAccount: true, ...method };
}
