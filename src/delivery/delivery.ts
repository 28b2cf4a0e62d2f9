/** One message on its way through the pipeline, and what the steps work with. */
import type { Clock } from '#base/clock.ts';
import type { AccountId, QueueId } from '#base/ids.ts';
import type { Logger } from '#base/log.ts';
import type { Metrics } from '#base/metrics.ts';
import type { Random } from '#base/random.ts';
import type { Directory } from '#directory/directory.ts';
import type { Resolver } from '#dns/resolver.ts';
import type { Mail } from '#mail/mail.ts';
import type { PreparedMessage } from '#mail/types.ts';
import type { ForwardPath, SmtpTransaction } from '#smtp/receiver.ts';

import type { TraceRecorder } from '#trace/recorder.ts';
import type { DmarcDecision, DmarcSettings } from '#trust/dmarc-policy.ts';
import type { Observer } from '#trust/observer.ts';
import type { MessageAuthentication } from '#trust/types.ts';

import type { DeliveryLimits } from './limits.ts';
import type { DeliveryOutcome } from './outcome.ts';
import type { PartialDeliveries } from './partial-deliveries.ts';

/** The one look-up that delivery needs of the directory. */
export type AddressDirectory = Pick<Directory, 'resolveAddress'>;
/** What delivery needs of the mail store. */
export type MailTarget = Pick<Mail, 'account' | 'prepareMessage' | 'deliver'>;

/** What all messages share. */
/** What judging a message takes; trust/ does the judging. */
export interface AuthenticationSurroundings {
  readonly resolver: Resolver;
  readonly dmarc: DmarcSettings;
  /** Networks whose mail is not judged: our own machines. */
  readonly isExempt: (remoteAddress: string) => boolean;
  /** Absent: nothing is reported to the domains' owners. */
  readonly observer?: Pick<Observer, 'dmarc'>;
}

export interface DeliverySurroundings {
  readonly directory: AddressDirectory;
  readonly mail: MailTarget;
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
}

/** One accepted forward path. */
export interface Recipient {
  readonly forwardPath: ForwardPath;
  /** Set once the address is resolved. Two recipients may have the same. */
  accountId: AccountId | undefined;
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
  /** The same prepared, once it was put into a mailbox. */
  prepared: PreparedMessage | undefined;
  /** One for each forward path, in order. */
  readonly recipients: readonly Recipient[];
  readonly log: Logger;
}

/** A step does its part for every recipient without an outcome. A rejection is a bug or an outage: nobody has it then. */
export type DeliveryStep = (delivery: Delivery, surroundings: DeliverySurroundings) => Promise<void> | void;

/** The recipients a step has to care for. */
export function pendingRecipients(delivery: Delivery): Recipient[] {
  return delivery.recipients.filter(({ outcome }) => outcome === undefined);
}
