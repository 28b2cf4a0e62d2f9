/**
 * The one way into the mailboxes here: for mail from outside, for what is submitted, posted to a group or was queued. What
 * an account's filters say is done with it, and what it forwards is sent on once its own mailbox has it, or at once where it keeps no copy. Then the sender is told
 * if somebody is away.
 */
import { MailError } from '#base/errors.ts';
import type { AccountId, QueueId } from '#base/ids.ts';
import type { Judgement } from '#filters/judge-message.ts';
import { TO_INBOX, TO_JUNK } from '#mail/mail.ts';
import type { Destination, Mail, RunChanges } from '#mail/mail.ts';
import type { PreparedMessage } from '#mail/types.ts';
import { queueTraced } from '#queue/queue-traced.ts';
import type { TraceEvent } from '#trace/types.ts';
import type { Forward, Forwarding, Incoming } from './forwarding.ts';
import { MAX_FORWARD_DEPTH } from './limits.ts';
import { answerSender } from './answer-sender.ts';
import { judgeIncoming } from './judge-incoming.ts';
import { planForwards } from './plan-forwards.ts';
import { prepareForward } from './prepare-forward.ts';

type Outcomes = Awaited<ReturnType<Mail['deliver']>>;

export interface MailboxSurroundings {
  readonly mail: Pick<Mail, 'prepareMessage' | 'deliver'>;
  /** Absent: nobody forwards, filters, or is away. */
  readonly forwarding?: Forwarding;
}

export interface Delivered {
  /** One for each account: whether it is in the mailbox, and sent on. What failed may be tried again for that account. */
  readonly outcomes: Outcomes;
  /** What was sent on, and who was told, for the message's trace. */
  readonly events: readonly TraceEvent[];
}

/** Whether an account's mailbox is passed over, so that it does not matter whether there is room in it. */
export async function keepsNoCopy(
  { forwarding }: Pick<MailboxSurroundings, 'forwarding'>,
  accountId: AccountId,
): Promise<boolean> {
  const [row] = (await forwarding?.directory.forwardings([accountId])) ?? [];
  return row?.keepsCopy === false;
}

/**
 * Durable when it resolves. `haveIt`: who has the message anyhow, accounts and addresses outside; nobody gets it twice by a
 * forward, and the others join. A forward is queued after the mailbox has the message: when the server stops between the
 * two, or the queue is out of order, the account's outcome is no success, and what tries again puts a second copy there.
 * `run` puts it into the accounts' own mailboxes, if any keeps it, in one commit with something else.
 */
export function deliverHere(
  surroundings: MailboxSurroundings,
  incoming: Incoming,
  accountIds: readonly AccountId[],
  haveIt: Set<AccountId | string>,
  run?: RunChanges,
): Promise<Delivered> {
  return deliver(surroundings, incoming, accountIds, haveIt, MAX_FORWARD_DEPTH, run);
}

async function deliver(
  surroundings: MailboxSurroundings,
  incoming: Incoming,
  accountIds: readonly AccountId[],
  haveIt: Set<AccountId | string>,
  depth: number,
  run?: RunChanges,
): Promise<Delivered> {
  const { mail, forwarding } = surroundings;
  const { message, receivedAt, into = 'inbox', staysHere = false } = incoming;
  const judgements =
    forwarding === undefined ? new Map<AccountId, Judgement>() : await judgeIncoming(forwarding, incoming, accountIds);
  const isWanted = (accountId: AccountId): boolean => judgements.get(accountId)?.isWanted ?? into === 'inbox';
  for (const accountId of accountIds) haveIt.add(accountId);
  const forwards =
    forwarding === undefined || staysHere || depth === 0
      ? []
      : await planForwards(
          forwarding,
          incoming,
          accountIds.filter(isWanted),
          haveIt,
          (accountId) => judgements.get(accountId)?.forwardTo ?? [],
        );
  const withoutCopy = new Set(forwards.filter(({ keepsCopy }) => !keepsCopy).map(({ accountId }) => accountId));
  const own = accountIds.filter((accountId) => !withoutCopy.has(accountId));
  const onlyReader = forwarding && (await findOnlyReader(forwarding, incoming));
  const destinationOf = (accountId: AccountId): Destination => {
    const destination = judgements.get(accountId)?.destination ?? (into === 'junk' ? TO_JUNK : TO_INBOX);
    return accountId === onlyReader ? { ...destination, isPersonal: true } : destination;
  };
  const outcomes = new Map(own.length === 0 ? [] : await mail.deliver(message, own, receivedAt, destinationOf, run));
  const events: TraceEvent[] = [];
  if (forwarding === undefined) return { outcomes, events };
  for (const forward of forwards) {
    const { accountId, keepsCopy } = forward;
    // Whoever tries again for this mailbox forwards, too.
    if (keepsCopy && outcomes.get(accountId)?.ok !== true) continue;
    try {
      events.push(...(await sendOn({ ...surroundings, forwarding }, incoming, forward, haveIt, depth)));
      if (!keepsCopy) outcomes.set(accountId, { ok: true, value: undefined });
    } catch (error) {
      forwarding.log.error({ err: error, accountId }, 'a message could not be forwarded');
      outcomes.set(accountId, { ok: false, error: new MailError('unavailable', 'it could not be forwarded now') });
    }
  }
  const reached = accountIds.filter((accountId) => outcomes.get(accountId)?.ok === true && isWanted(accountId));
  events.push(...(await answerSender(forwarding, incoming, reached)));
  return { outcomes, events };
}

/**
 * Whom a message is written to, and nobody else: who has muted a conversation means what goes round in it, not what
 * somebody in it asks them alone. The directory remembers whoever has just been found to get mail.
 */
async function findOnlyReader(
  { directory, log }: Pick<Forwarding, 'directory' | 'log'>,
  { message }: Incoming,
): Promise<AccountId | undefined> {
  const { to, cc } = message.digest.summary;
  const [reader, ...others] = [...to, ...cc];
  if (reader === undefined || others.length > 0) return undefined;
  try {
    const resolution = await directory.resolveAddress(reader.email);
    return resolution.kind === 'account' ? resolution.accountId : undefined;
  } catch (error) {
    log.error({ err: error }, 'the only reader of a message could not be looked up');
    return undefined;
  }
}

/** Into the mailboxes of targets here, which may forward it on; and by the queue to the others. */
async function sendOn(
  surroundings: MailboxSurroundings & { readonly forwarding: Forwarding },
  incoming: Incoming,
  forward: Forward,
  haveIt: Set<AccountId | string>,
  depth: number,
): Promise<readonly TraceEvent[]> {
  const { mail, forwarding } = surroundings;
  const inside = forward.inside.filter(({ accountId }) => accountId === undefined || !haveIt.has(accountId));
  const accountIds = inside.flatMap(({ accountId }) => accountId ?? []);
  const reached =
    accountIds.length === 0
      ? { outcomes: new Map() as Outcomes, events: [] }
      : await deliver(surroundings, incoming, accountIds, haveIt, depth - 1);
  const missed = inside.filter(({ accountId }) => accountId === undefined || !reached.outcomes.get(accountId)?.ok);
  const outside = forward.outside.filter((address) => !haveIt.has(address));
  for (const address of outside) haveIt.add(address);

  const queueIds: QueueId[] = [];
  if (missed.length > 0) {
    const recipients = missed.map(({ address }) => ({ address, isLocal: true }));
    const { message, envelope } = incoming;
    queueIds.push(await enqueue(forwarding, incoming, forward, { message, recipients, ...envelope }));
  }
  if (outside.length > 0) {
    const { octets, reversePath } = await prepareForward(forwarding, incoming, forward);
    const recipients = outside.map((address) => ({ address, isLocal: false }));
    const message = mail.prepareMessage(octets);
    queueIds.push(await enqueue(forwarding, incoming, forward, { message, recipients, reversePath }));
  }
  const targets = [...inside.map(({ address }) => address), ...outside];
  if (targets.length === 0) return reached.events;
  const text = `forwarded to ${targets.join(', ')}${queueIds.length === 0 ? '' : ` (${queueIds.join(', ')})`}`;
  const at = forwarding.clock.now();
  return [{ at, kind: 'redirected', recipients: [forward.address], text }, ...reached.events];
}

/** A failure is told to the account that forwards (domain.md 4.11), and it can stop it. */
function enqueue(
  forwarding: Forwarding,
  { envelope, peer }: Incoming,
  { accountId }: Forward,
  queued: {
    readonly message: PreparedMessage;
    readonly reversePath: string;
    readonly recipients: readonly { readonly address: string; readonly isLocal: boolean }[];
  },
): Promise<QueueId> {
  const { message, reversePath, recipients } = queued;
  const { body, smtpUtf8, requireTls, priority } = envelope;
  const onward = { reversePath, body, smtpUtf8, requireTls, priority, accountId, forwardedBy: accountId };
  return queueTraced(forwarding, { message, envelope: onward, recipients }, peer);
}
