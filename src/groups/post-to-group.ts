/**
 * Sends a message to those in a group: into the mailboxes here at once, one copy of the octets for all of them, and by
 * the queue to everybody else. What comes back goes to the group's owners. Who may write to it was asked before.
 */
import { isMailError } from '#base/errors.ts';
import type { AccountId } from '#base/ids.ts';
import { formatAddress } from '#directory/address.ts';
import type { Directory } from '#directory/directory.ts';
import type { GroupRow } from '#directory/types.ts';
import { deliverHere } from '#forwarding/deliver-here.ts';
import type { Forwarding } from '#forwarding/forwarding.ts';
import type { Mail } from '#mail/mail.ts';
import type { PreparedMessage } from '#mail/types.ts';
import { queueTraced } from '#queue/queue-traced.ts';
import type { QueueSurroundings } from '#queue/queue-traced.ts';
import { withoutReturnPath } from '#queue/return-path.ts';
import type { QueuedEnvelope } from '#queue/types.ts';
import type { TraceFacts } from '#trace/traced-message.ts';
import { formatMembers } from '#trace/members.ts';
import type { TraceEvent } from '#trace/types.ts';
import type { MessageAuthentication } from '#trust/types.ts';
import { MAX_RECIPIENTS_PER_MESSAGE } from './limits.ts';
import { bounceAddress, cameByList, formatListFields } from './list-fields.ts';

export interface GroupSurroundings extends QueueSurroundings {
  readonly directory: Pick<Directory, 'expandGroup' | 'addressesOf'>;
  readonly mail: Pick<Mail, 'prepareMessage' | 'deliver'>;
  /** Absent: nobody forwards. */
  readonly forwarding?: Forwarding;
}

export interface Posting {
  readonly group: GroupRow;
  /** As they lie in a mailbox: Return-Path first, which a list replaces by its own. */
  readonly octets: Buffer;
  readonly envelope: Pick<QueuedEnvelope, 'body' | 'smtpUtf8' | 'requireTls' | 'priority' | 'accountId'>;
  readonly peer: TraceFacts['transaction']['peer'];
  /** What was found when it came. */
  readonly authentication?: MessageAuthentication | undefined;
  /** Who has the message already, by their own address or another group: they are passed over. The others join. */
  readonly haveIt: Set<AccountId | string>;
}

export type PostingOutcome =
  /** Everybody in it has the message, or will be tried again from the queue. `events`: for the message's own trace. */
  | { readonly kind: 'posted'; readonly events: readonly TraceEvent[] }
  /** It has been through this list. */
  | { readonly kind: 'loop' }
  /** Nobody is in the group. */
  | { readonly kind: 'nobody' }
  /** More are in it than one message may reach: for an operator to mend. */
  | { readonly kind: 'tooMany' }
  /** It could be stored for nobody, though some are in it: to be tried again later. */
  | { readonly kind: 'failed' };

/** Durable when it resolves. */
export async function postToGroup(surroundings: GroupSurroundings, posting: Posting): Promise<PostingOutcome> {
  const { directory, mail, clock } = surroundings;
  const { group, haveIt } = posting;
  if (group.isList && cameByList(posting.octets, group)) return { kind: 'loop' };
  const parts = await directory.expandGroup(group).catch((error: unknown) => {
    if (isMailError(error, 'limit')) return undefined;
    throw error;
  });
  if (parts === undefined) return { kind: 'tooMany' };
  const members = parts.flatMap(({ accountIds, outside }) => [...accountIds, ...outside]);
  if (members.length === 0) return { kind: 'nobody' };
  const accountIds = new Set(parts.flatMap((part) => part.accountIds)).difference(haveIt);
  const outside = new Set(parts.flatMap((part) => part.outside)).difference(haveIt);

  // The same octets for mailboxes here and for the queue, hence one blob: the queue takes Return-Path off.
  const octets = group.isList ? asListMessage(group, posting.octets) : posting.octets;
  const message = mail.prepareMessage(octets);
  const missed: AccountId[] = [];
  const got = new Set<AccountId>();
  const forwarded: TraceEvent[] = [];
  if (accountIds.size > 0) {
    const envelope = { ...posting.envelope, reversePath: bounceAddress(group) };
    const incoming = { ...posting, envelope, octets, message, receivedAt: clock.now() };
    // Those outside that the queue gets below are not to get a forward besides.
    const reached = new Set<AccountId | string>([...haveIt, ...members]);
    const { outcomes, events } = await deliverHere(surroundings, incoming, [...accountIds], reached);
    forwarded.push(...events);
    for (const one of reached) haveIt.add(one);
    for (const accountId of accountIds)
      if (outcomes.get(accountId)?.ok === true) got.add(accountId);
      else missed.push(accountId);
  }
  if (missed.length > 0 && missed.length === accountIds.size && outside.size === 0) return { kind: 'failed' };

  const queueIds =
    outside.size + missed.length === 0
      ? []
      : await enqueue(surroundings, { ...posting, message, missed, outside: [...outside] });
  for (const member of members) haveIt.add(member);
  const events = parts.map((part): TraceEvent => {
    const { address, accountIds: accounts, outside: others } = part;
    const ids = others.length === 0 || queueIds.length === 0 ? '' : ` (${queueIds.join(', ')})`;
    const text = `mailboxes here: ${accounts.length}, addresses outside: ${others.length}${ids}`;
    // Those missed have a trace of their own, in the queue.
    const members = formatMembers(accounts.filter((accountId) => got.has(accountId)));
    return { at: clock.now(), kind: 'redirected', recipients: [address], text, ...(members !== '' && { members }) };
  });
  return { kind: 'posted', events: [...events, ...forwarded] };
}

function asListMessage(group: GroupRow, octets: Buffer): Buffer {
  const fields = `Return-Path: <${bounceAddress(group)}>\r\n${formatListFields(group)}`;
  return Buffer.concat([Buffer.from(fields), withoutReturnPath(octets)]);
}

interface Rest extends Posting {
  readonly message: PreparedMessage;
  /** Accounts whose mailbox did not take it now. */
  readonly missed: readonly AccountId[];
  readonly outside: readonly string[];
}

/** Queues a message for every hundred; RFC 3461 §5.2.7.3: a list's members are not reported to the author. */
async function enqueue(surroundings: GroupSurroundings, rest: Rest): Promise<string[]> {
  const { directory } = surroundings;
  const { group, message, peer } = rest;
  const { body, smtpUtf8, requireTls, priority, accountId } = rest.envelope;
  const missed = await Promise.all(rest.missed.map(async (accountId) => (await directory.addressesOf(accountId))[0]));
  const recipients = [
    ...rest.outside.map((address) => ({ address, isLocal: false })),
    ...missed.flatMap((row) => (row === undefined ? [] : [{ address: formatAddress(row), isLocal: true }])),
  ];
  const envelope = { reversePath: bounceAddress(group), body, smtpUtf8, requireTls, priority, accountId };
  const slices: (typeof recipients)[] = [];
  for (let at = 0; at < recipients.length; at += MAX_RECIPIENTS_PER_MESSAGE)
    slices.push(recipients.slice(at, at + MAX_RECIPIENTS_PER_MESSAGE));
  return Promise.all(slices.map((slice) => queueTraced(surroundings, { message, envelope, recipients: slice }, peer)));
}
