/**
 * Takes a submitted message back from the mailboxes here that it was put into: from those it was addressed to, by themselves
 * or by a group. What went outside, or was forwarded, is out of reach. Whoever calls has seen that the message is the
 * caller's own.
 */
import type { Clock } from '#base/clock.ts';
import { isMailError } from '#base/errors.ts';
import type { AccountId } from '#base/ids.ts';
import type { Logger } from '#base/log.ts';
import { randomId } from '#base/random.ts';
import type { Random } from '#base/random.ts';
import type { Directory } from '#directory/directory.ts';
import type { GroupRow } from '#directory/types.ts';
import type { Mail } from '#mail/mail.ts';
import { composeMessage } from '#mime/compose.ts';
import type { TraceRecorder } from '#trace/recorder.ts';
import type { TracedMessage } from '#trace/types.ts';
import { findDelivered } from './find-delivered.ts';
import { RECALL_LIMITS } from './limits.ts';
import { postmasterOf, recallNotice } from './texts.ts';

export interface RecallPolicy {
  readonly isOn: boolean;
  /** Milliseconds from the sending on. */
  readonly windowMs: number;
  /** What has been read stays. */
  readonly unreadOnly: boolean;
}

export interface RecallSurroundings {
  readonly mail: Pick<Mail, 'account' | 'prepareMessage' | 'deliver'>;
  readonly directory: Pick<Directory, 'account' | 'resolveAddress' | 'expandGroup'>;
  readonly trace: Pick<TraceRecorder, 'event' | 'flush'>;
  readonly hostname: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

/** Of one forward path: how many of those behind it. */
export interface RecallResult {
  readonly address: string;
  readonly recalled: number;
  /** Has been read. */
  readonly read: number;
  /** It is not there: deleted, forwarded without a copy, not delivered yet. */
  readonly missing: number;
  readonly outside: number;
}

export interface RecallSlice {
  /** Of those looked at this time; adds up over the slices. */
  readonly results: readonly RecallResult[];
  /** Where to go on; null: that was all. */
  readonly next: number | null;
}

interface Holder {
  readonly address: string;
  readonly accountId: AccountId | 'outside' | 'missing';
}

/** Till when the policy lets the message be recalled; null: not any more, or not at all. */
export function recallableUntil(
  { isOn, windowMs }: RecallPolicy,
  { at }: Pick<TracedMessage, 'at'>,
  nowMs: number,
): number | null {
  return isOn && nowMs < at + windowMs ? at + windowMs : null;
}

/** From the `position`-th mailbox on. An account is counted once, for the first address it has the message by. */
export async function recallMessage(
  surroundings: RecallSurroundings,
  message: TracedMessage,
  {
    unreadOnly,
    notifies,
    position,
  }: Pick<RecallPolicy, 'unreadOnly'> & { readonly notifies: boolean; readonly position: number },
): Promise<RecallSlice> {
  const { mail, log } = surroundings;
  const holders = await findHolders(surroundings, message.recipients);
  const end = position + RECALL_LIMITS.accountsAtOnce;
  const results = new Map<
    string,
    { address: string; recalled: number; read: number; missing: number; outside: number }
  >();
  const robbed: AccountId[] = [];
  for (const { address, accountId } of holders.slice(position, end)) {
    const result = results.get(address) ?? { address, recalled: 0, read: 0, missing: 0, outside: 0 };
    results.set(address, result);
    const became = typeof accountId === 'string' ? accountId : await recallFrom(mail, accountId, message, unreadOnly);
    result[became]++;
    if (became === 'recalled') robbed.push(accountId as AccountId);
  }
  const { queueId, accountId: by } = message;
  for (const result of results.values()) record(surroundings, message, result);
  log.info({ queueId, accountId: by, recalled: robbed.length, position }, 'message recalled');
  if (notifies && robbed.length > 0) await tellThem(surroundings, message, robbed);
  // Who asks next what became of the message hears of this.
  await surroundings.trace.flush();
  return { results: [...results.values()], next: end < holders.length ? end : null };
}

/** In one order as long as nobody joins or leaves. */
async function findHolders(
  { directory }: RecallSurroundings,
  recipients: readonly string[],
): Promise<readonly Holder[]> {
  const holders: Holder[] = [];
  const known = new Set<AccountId>();
  const add = (address: string, accountIds: readonly AccountId[]): void => {
    for (const accountId of accountIds) {
      if (known.has(accountId)) continue;
      known.add(accountId);
      holders.push({ address, accountId });
    }
  };
  // Whoever was written to by name is not counted as one of a group.
  const groups: { readonly address: string; readonly group: GroupRow }[] = [];
  for (const address of recipients) {
    const resolution = await directory.resolveAddress(address);
    switch (resolution.kind) {
      case 'account':
      case 'notReceiving':
        add(address, [resolution.accountId]);
        break;
      case 'groupOwners':
        add(address, resolution.accountIds);
        break;
      case 'group':
        groups.push({ address, group: resolution.group });
        break;
      case 'unknownDomain':
        holders.push({ address, accountId: 'outside' });
        break;
      case 'moved':
        if (resolution.accountId !== null) add(address, [resolution.accountId]);
        else holders.push({ address, accountId: 'missing' });
        break;
      case 'resting':
      case 'unknownUser':
        holders.push({ address, accountId: 'missing' });
        break;
    }
  }
  for (const { address, group } of groups) {
    const parts = await directory.expandGroup(group);
    for (const { accountIds } of parts) add(address, accountIds);
    const outside = new Set(parts.flatMap((part) => part.outside));
    for (const _ of outside) holders.push({ address, accountId: 'outside' });
  }
  return holders;
}

async function recallFrom(
  mail: RecallSurroundings['mail'],
  accountId: AccountId,
  message: TracedMessage,
  unreadOnly: boolean,
): Promise<'recalled' | 'read' | 'missing'> {
  const account = mail.account(accountId);
  try {
    const email = await findDelivered(account, message);
    return email === undefined ? 'missing' : await account.recall({ emailId: email.emailId, unreadOnly });
  } catch (error) {
    // The account has gone meanwhile.
    if (isMailError(error, 'notFound')) return 'missing';
    throw error;
  }
}

/** For the message's own trace: who looks into a complaint finds what was tried, and what came of it. */
function record(
  { trace, clock }: RecallSurroundings,
  { queueId }: TracedMessage,
  { address, recalled, read, missing, outside }: RecallResult,
): void {
  const kind = recalled > 0 ? 'recalled' : 'managed';
  const text = `recall by its sender: ${recalled} recalled, ${read} read, ${missing} not there, ${outside} outside`;
  trace.event(queueId, { at: clock.now(), kind, recipients: [address], text });
}

/** What fails here is logged: the message is gone in any case. */
async function tellThem(
  { mail, directory, hostname, clock, random, log }: RecallSurroundings,
  { sender, subject, accountId }: TracedMessage,
  accountIds: readonly AccountId[],
): Promise<void> {
  try {
    const account = accountId === null ? undefined : await directory.account(accountId);
    const octets = composeMessage({
      from: { name: '邮件系统 Mail System', email: postmasterOf(sender) },
      to: [],
      ...recallNotice(account?.displayName || sender, sender, subject),
      dateMs: clock.now(),
      messageId: `${randomId(random, 16)}@${hostname}`,
      // RFC 3834 §5.
      headers: [['Auto-Submitted', 'auto-generated']],
    });
    const message = mail.prepareMessage(Buffer.concat([Buffer.from('Return-Path: <>\r\n'), octets]));
    await mail.deliver(message, accountIds, clock.now());
  } catch (error) {
    log.error({ err: error }, 'recipients could not be told of a recall');
  }
}
