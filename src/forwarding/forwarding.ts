/** What forwarding works with, and on; and automatic replies, too. */
import type { AccountId } from '#base/ids.ts';
import type { Logger } from '#base/log.ts';
import type { Directory } from '#directory/directory.ts';
import type { PreparedMessage } from '#mail/types.ts';
import type { QueueSurroundings } from '#queue/queue-traced.ts';
import type { QueuedEnvelope } from '#queue/types.ts';
import type { TraceFacts } from '#trace/traced-message.ts';
import type { Signer } from '#trust/dkim-keys.ts';
import type { MessageAuthentication } from '#trust/types.ts';

export interface Forwarding extends QueueSurroundings {
  readonly directory: Pick<
    Directory,
    | 'filters'
    | 'forwardings'
    | 'dropForwardTargets'
    | 'mayForwardOutside'
    | 'vacations'
    | 'claimAnswer'
    | 'senderStanding'
    | 'resolveAddress'
    | 'account'
  >;
  readonly hostname: string;
  readonly log: Logger;
  /** For reverse paths of ours. */
  readonly srsKeys: readonly Uint8Array[];
  /** With what a domain of ours seals; undefined when it has no active key. */
  readonly sealerOf: (domain: string) => Promise<Signer | undefined>;
  /** Sends a message of the system's own to one address. */
  readonly post: (octets: Buffer, to: string) => Promise<void>;
}

export interface Incoming {
  /** The octets prepared. */
  readonly message: PreparedMessage;
  /** As they lie in a mailbox: Return-Path first. */
  readonly octets: Buffer;
  readonly receivedAt: number;
  readonly envelope: Pick<QueuedEnvelope, 'reversePath' | 'body' | 'smtpUtf8' | 'requireTls' | 'priority'>;
  readonly peer: TraceFacts['transaction']['peer'];
  /** What was found when it came: whoever gets a forward is told under our seal. */
  readonly authentication?: MessageAuthentication | undefined;
  /** `junk`: it is not forwarded, and stays here even where no copy is kept. */
  readonly into?: 'inbox' | 'junk';
  /** Nor is this: a report on what was forwarded. */
  readonly staysHere?: boolean;
}

/** One account's part of a message. */
export interface Forward {
  readonly accountId: AccountId;
  /** The account's primary address. */
  readonly address: string;
  readonly keepsCopy: boolean;
  /** At domains of ours; without an account when nobody has the address any more. */
  readonly inside: readonly { readonly address: string; readonly accountId: AccountId | undefined }[];
  readonly outside: readonly string[];
}

/** Whose mailbox a message has been through: with it a message that comes back is known. */
export const DELIVERED_TO = 'Delivered-To';

export function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1);
}
