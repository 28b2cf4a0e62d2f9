/** What became of a message for one recipient, and how SMTP is told: the one place where outcomes become replies. */
import type { MailErrorCode } from '#base/errors.ts';
import type { AccountId } from '#base/ids.ts';
import type { PostingPolicy } from '#directory/types.ts';
import { formatAddress } from '#smtp/address.ts';
import type { SmtpReply } from '#smtp/receiver.ts';

export type DeliveryOutcome =
  /** Durably in the mailboxes of these accounts. */
  | { readonly kind: 'delivered'; readonly accountIds: readonly AccountId[] }
  /**
   * Durably in the mailboxes of a group's members, or queued for them; or a report, queued for whom it is passed on to.
   * `address`: the group's, or as given.
   */
  | { readonly kind: 'posted'; readonly address: string }
  /** A report, which was read and is kept. */
  | { readonly kind: 'read'; readonly address: string }
  /** The address takes reports on our domains, and this is none. */
  | { readonly kind: 'noReport'; readonly why: keyof typeof NO_REPORT }
  /** The group takes no mail from this sender. */
  | { readonly kind: 'mayNotPost'; readonly posting: PostingPolicy }
  /** The group has no members. */
  | { readonly kind: 'nobody' }
  /** The message has been through this list. */
  | { readonly kind: 'listLoop' }
  /** The account has no room. Temporary: people clean up. */
  | { readonly kind: 'overQuota' }
  /** Not an address of ours at all. */
  | { readonly kind: 'unknownDomain' }
  | { readonly kind: 'unknownUser' }
  /** Looks like a reverse path of ours, and takes no mail. */
  | { readonly kind: 'badReturnPath'; readonly reason: string }
  /** The account takes no mail. */
  | { readonly kind: 'notReceiving' }
  /** Its domain was given up: under which address to write instead, where that can be told. */
  | { readonly kind: 'moved'; readonly address: string | null; readonly successor: string }
  /** Its domain takes no mail just now. Temporary. */
  | { readonly kind: 'resting' }
  /** The message has been through too many servers. */
  | { readonly kind: 'loop' }
  /** Its author's domain does not stand by it, and wants it refused (DMARC). */
  | { readonly kind: 'unauthenticated'; readonly reason: string }
  /** Who sent it could not be found out now. */
  | { readonly kind: 'unverified'; readonly reason: string }
  /** It can never be stored. */
  | { readonly kind: 'tooLarge' }
  /** Our fault or an outage; it was logged. Temporary, whatever it was. */
  | { readonly kind: 'fault' };

export interface ReplyFacts {
  /** As given in RCPT, its local part unquoted. */
  readonly address: string;
  /** Whether the client reads UTF-8 (RFC 6531 §3.7.4.1). */
  readonly utf8: boolean;
  /** What the log calls the message; absent at RCPT. */
  readonly queueId?: string;
}

/** Why a group did not take it, by its policy; only reports are refused by one that is open to everyone. */
const REFUSED_POSTING: Readonly<Record<PostingPolicy, string>> = {
  everyone: 'this group takes no reports, send them to its owners',
  inside: 'only people of this site may write to this group, signed in at its submission service',
  members: 'only members may write to this group',
  named: 'only those appointed may write to this group',
};

const NO_REPORT = {
  noReport: 'only reports are read here, and there is none in this message',
  damaged: 'the report in this message cannot be read',
  foreign: 'the report is about no domain of this site',
  old: 'the report is not of these days',
} as const;

/** RFC 5321 §4.2 and RFC 3463, in English; the address is made harmless. */
export function toReply(outcome: DeliveryOutcome, facts: ReplyFacts): SmtpReply {
  const address = `<${formatAddress(facts.address, { utf8: facts.utf8 })}>`;
  const id = facts.queueId === undefined ? '' : ` (id ${facts.queueId})`;
  switch (outcome.kind) {
    case 'delivered':
    case 'posted':
    case 'read':
      return { code: 250, enhanced: '2.0.0', text: `Ok: queued as ${facts.queueId ?? 'unknown'}` };
    case 'mayNotPost':
      return { code: 550, enhanced: '5.7.1', text: `${address}: ${REFUSED_POSTING[outcome.posting]}` };
    case 'noReport':
      return { code: 550, enhanced: '5.6.0', text: `${address}: ${NO_REPORT[outcome.why]}${id}` };
    case 'nobody':
      return { code: 550, enhanced: '5.2.4', text: `${address}: this group has no members` };
    case 'listLoop':
      return { code: 554, enhanced: '5.4.6', text: `${address}: the message came by this list already${id}` };
    case 'overQuota':
      return { code: 452, enhanced: '4.2.2', text: `${address}: mailbox full` };
    case 'unknownDomain':
      return { code: 550, enhanced: '5.7.1', text: `${address}: relaying denied` };
    case 'unknownUser':
      return { code: 550, enhanced: '5.1.1', text: `${address}: no such user here` };
    case 'badReturnPath':
      return { code: 550, enhanced: '5.7.1', text: `${address}: no return path of ours (${outcome.reason})` };
    case 'notReceiving':
      return { code: 550, enhanced: '5.2.1', text: `${address}: mailbox disabled` };
    // RFC 3463 §3.2 X.1.6: the mailbox has moved.
    case 'moved': {
      const where =
        outcome.address === null
          ? `the same person at ${outcome.successor}`
          : `<${formatAddress(outcome.address, { utf8: facts.utf8 })}>`;
      return { code: 550, enhanced: '5.1.6', text: `${address}: moved, use ${where}` };
    }
    case 'resting':
      return { code: 451, enhanced: '4.3.2', text: `${address}: this domain is under maintenance, try again later` };
    case 'loop':
      return { code: 554, enhanced: '5.4.6', text: `Mail loop: too many Received fields${id}` };
    // RFC 7372 §3.3: neither SPF nor DKIM speak for the author.
    case 'unauthenticated':
      return { code: 550, enhanced: '5.7.26', text: `Refused by DMARC: ${outcome.reason}${id}` };
    case 'unverified':
      return { code: 451, enhanced: '4.7.0', text: `Try again later: ${outcome.reason}${id}` };
    case 'tooLarge':
      return { code: 552, enhanced: '5.2.3', text: `${address}: message too large` };
    case 'fault':
      return { code: 451, enhanced: '4.3.0', text: `${address}: local fault, try again later${id}` };
  }
}

/** Why an append failed, as an outcome. Temporary unless proven permanent. */
export function describeAppendFailure(code: MailErrorCode | 'fault'): DeliveryOutcome {
  switch (code) {
    case 'overQuota':
      return { kind: 'overQuota' };
    case 'tooLarge':
      return { kind: 'tooLarge' };
    case 'notFound':
    case 'alreadyExists':
    case 'forbidden':
    case 'limit':
    case 'inUse':
    case 'unavailable':
    case 'invalid':
    case 'stateMismatch':
    case 'expunged':
    case 'fault':
      return { kind: 'fault' };
  }
}
