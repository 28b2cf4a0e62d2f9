/** One message on its way through the pipeline, and what the steps work with. */
import type { Clock } from '#base/clock.ts';
import type { AccountId, QueueId } from '#base/ids.ts';
import type { Logger } from '#base/log.ts';
import type { Metrics } from '#base/metrics.ts';
import type { Random } from '#base/random.ts';
import type { Directory } from '#directory/directory.ts';
import type { Resolver } from '#dns/resolver.ts';
import type { GroupRow } from '#directory/types.ts';
import type { Forwarding } from '#forwarding/forwarding.ts';
import type { Mail } from '#mail/mail.ts';
import type { PreparedMessage } from '#mail/types.ts';
import type { Queue } from '#queue/queue.ts';
import type { ReturnPath } from '#forwarding/return-path.ts';
import type { ForwardPath, SmtpTransaction } from '#smtp/receiver.ts';

import type { TraceRecorder } from '#trace/recorder.ts';
import type { DmarcDecision, DmarcSettings } from '#trust/dmarc-policy.ts';
import type { ReceivedDmarcReport } from '#trust/dmarc-report.ts';
import type { ReadDmarcReport } from '#trust/read-dmarc-report.ts';
import type { Observer } from '#trust/observer.ts';
import type { ReportKind } from '#trust/report-address.ts';
import type { ReadTlsReport } from '#trust/tls-report.ts';
import type { MessageAuthentication } from '#trust/types.ts';
import type { TraceEvent } from '#trace/types.ts';

import type { DeliveryLimits } from './limits.ts';
import type { DeliveryOutcome } from './outcome.ts';
import type { PartialDeliveries } from './partial-deliveries.ts';

/** What delivery asks of the directory. */
export type AddressDirectory = Pick<Directory, 'resolveAddress' | 'mayPost' | 'expandGroup' | 'addressesOf'>;
/** What delivery needs of the mail store. */
export type MailTarget = Pick<Mail, 'account' | 'prepareMessage' | 'deliver'>;

/** What judging a message takes; trust/ does the judging. */
export interface AuthenticationSurroundings {
  readonly resolver: Resolver;
  readonly dmarc: DmarcSettings;
  /** Networks whose mail is not judged: our own machines. */
  readonly isExempt: (remoteAddress: string) => boolean;
  /** Absent: nothing is reported to the domains' owners. */
  readonly observer?: Pick<Observer, 'dmarc'>;
}

/** What becomes of the reports of others on our domains. */
export interface ReportSurroundings {
  /** Both reject with `unavailable` (MailError) where there is no time for it now. */
  readonly readDmarc: (mail: Buffer) => Promise<ReadDmarcReport>;
  readonly readTls: (mail: Buffer) => Promise<ReadTlsReport>;
  /** Whether it was new. Rejects with `limit` (MailError) where there are too many. */
  readonly keep: (report: ReceivedDmarcReport) => Promise<boolean>;
}

/** What all messages share. */
export interface DeliverySurroundings {
  readonly directory: AddressDirectory;
  readonly mail: MailTarget;
  /** For those in groups who are elsewhere, or did not get it yet. */
  readonly queue: Pick<Queue, 'enqueue'>;
  /** Absent: nobody forwards. */
  readonly forwarding?: Forwarding;
  /** Our name in Received. */
  readonly hostname: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly limits: DeliveryLimits;
  readonly partialDeliveries: PartialDeliveries;
  /** Absent: nothing is traced. */
  readonly trace?: TraceRecorder;
  /** Absent: the MTA in front has judged (LMTP). */
  readonly authentication?: AuthenticationSurroundings;
  /** Absent: reports have no address. */
  readonly reports?: ReportSurroundings;
}

/** One accepted forward path. */
export interface Recipient {
  readonly forwardPath: ForwardPath;
  /** Whose mailboxes, set once the address is resolved: one, or those of a group's owners. Two recipients may have the same. */
  accountIds: readonly AccountId[];
  /** Set instead for a group. */
  group: GroupRow | undefined;
  /** Set instead where reports go. */
  reportKind: ReportKind | undefined;
  /** Set instead, together with an account or without, for a reverse path of ours: a report on what was forwarded. */
  returnPath: Extract<ReturnPath, { kind: 'forwarder' | 'passOn' }> | undefined;
  /** Set once and for good: what later steps do is for those that have none yet. */
  outcome: DeliveryOutcome | undefined;
}

export interface Delivery {
  readonly transaction: SmtpTransaction;
  /** What Received, the log and the reply call this message. */
  readonly queueId: QueueId;
  /** Milliseconds since the epoch; INTERNALDATE and the date of Received. */
  readonly receivedAt: number;
  /** The octets as they came. */
  readonly received: Buffer;
  /** The same without fields that pretend to be ours. */
  content: Buffer;
  /** What the checks found; undefined where nothing was checked. */
  authentication: MessageAuthentication | undefined;
  /** What is done about it. */
  verdict: DmarcDecision | undefined;
  /** The octets as they will be stored. */
  stored: Buffer;
  /** What happened on the way, for the trace. */
  readonly events: TraceEvent[];
  /** The same prepared, once it was put into a mailbox. */
  prepared: PreparedMessage | undefined;
  /** One for each forward path, in order. */
  readonly recipients: readonly Recipient[];
  /** Who has it by now: accounts, and addresses outside. */
  readonly haveIt: Set<AccountId | string>;
  readonly log: Logger;
}

/** A step does its part for every recipient without an outcome. A rejection is a bug or an outage: nobody has it then. */
export type DeliveryStep = (delivery: Delivery, surroundings: DeliverySurroundings) => Promise<void> | void;

/** The recipients a step has to care for. */
export function pendingRecipients(delivery: Delivery): Recipient[] {
  return delivery.recipients.filter(({ outcome }) => outcome === undefined);
}
