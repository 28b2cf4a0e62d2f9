/**
 * Tells those who write to somebody who is away that nobody reads there now (RFC 3834), once in a while: those who wrote to
 * one of the account's own addresses, and are persons as far as can be seen.
 */
import { randomId } from '#base/random.ts';
import { formatAddress, parseAddress } from '#directory/address.ts';
import type { VacationRow } from '#directory/types.ts';
import { isAway } from '#directory/vacation.ts';
import type { AccountId } from '#base/ids.ts';
import { composeMessage } from '#mime/compose.ts';
import { truncateText } from '#mime/octets.ts';
import type { MessageSummary } from '#mime/structure.ts';
import type { TraceEvent } from '#trace/types.ts';
import { domainOf } from './forwarding.ts';
import type { Forwarding, Incoming } from './forwarding.ts';
import { ANSWER_LIMITS } from './limits.ts';
import { mayAnswer } from './may-answer.ts';
import { answerSubject } from './texts.ts';

/** Whom an answer goes to. */
interface Correspondent {
  /** In canonical spelling. */
  readonly address: string;
  /** Undefined: not here. */
  readonly accountId: AccountId | undefined;
}

/**
 * For accounts that have the message by now. Answers what was done, for its trace; never rejects, since the message is
 * delivered: what fails is logged, and that sender goes without an answer for this time.
 */
export async function answerSender(
  forwarding: Forwarding,
  incoming: Incoming,
  accountIds: readonly AccountId[],
): Promise<readonly TraceEvent[]> {
  const { directory, clock, log } = forwarding;
  const events: TraceEvent[] = [];
  try {
    const rows = accountIds.length === 0 ? [] : await directory.vacations(accountIds);
    const vacations = rows.filter((row) => isAway(row, clock.now()));
    if (vacations.length === 0 || !mayAnswer(incoming)) return events;
    const sender = await findSender(forwarding, incoming.envelope.reversePath);
    if (sender === undefined) return events;
    for (const vacation of vacations) {
      const event = await answer(forwarding, incoming, vacation, sender);
      if (event !== undefined) events.push(event);
    }
  } catch (error) {
    log.error({ err: error }, 'a sender could not be told that somebody is away');
  }
  return events;
}

/** Nobody for what looks like an address here and is no account's. */
async function findSender({ directory }: Forwarding, reversePath: string): Promise<Correspondent | undefined> {
  const resolution = await directory.resolveAddress(reversePath);
  if (resolution.kind === 'account') return { address: resolution.address, accountId: resolution.accountId };
  const address = resolution.kind === 'unknownDomain' ? parseAddress(reversePath) : undefined;
  return address && { address: formatAddress(address), accountId: undefined };
}

async function answer(
  forwarding: Forwarding,
  { message, envelope }: Incoming,
  vacation: VacationRow,
  sender: Correspondent,
): Promise<TraceEvent | undefined> {
  const { directory, post, hostname, clock, random } = forwarding;
  const { accountId, insideText, outsideText } = vacation;
  const text = sender.accountId === undefined ? outsideText : insideText;
  if (text === null || sender.accountId === accountId) return undefined;
  const { summary } = message.digest;
  const standing = await directory.senderStanding(accountId);
  if (standing === undefined || standing.sending === 'suspended') return undefined;
  const address = await findWrittenTo(forwarding, summary, accountId, standing.addresses);
  if (address === undefined) return undefined;
  const at = clock.now();
  if (!(await directory.claimAnswer(vacation, sender.address, at))) return undefined;
  const account = await directory.account(accountId);
  const [inReplyTo] = summary.messageId;
  const octets = composeMessage({
    from: { name: account?.displayName ?? '', email: address },
    to: [{ email: envelope.reversePath }],
    subject: vacation.subject || answerSubject(truncateText(summary.subject, ANSWER_LIMITS.subjectChars), text),
    text,
    dateMs: at,
    messageId: `${randomId(random, 16)}@${hostname}`,
    // RFC 3834 §3.1.5, RFC 5322 §3.6.4.
    ...(inReplyTo === undefined
      ? {}
      : { inReplyTo, references: [...summary.references.slice(-ANSWER_LIMITS.references), inReplyTo] }),
    headers: [
      // RFC 3834 §3.1.7.
      ['Auto-Submitted', 'auto-replied'],
      ['X-Auto-Response-Suppress', 'All'],
    ],
  });
  await post(octets, envelope.reversePath);
  return { at, kind: 'answered', recipients: [address], text: `automatic reply to ${sender.address}` };
}

/** Which of the account's own addresses To or Cc names, without its detail: the answer comes from there (RFC 5230 §4.5). */
async function findWrittenTo(
  { directory }: Forwarding,
  { to, cc }: Pick<MessageSummary, 'to' | 'cc'>,
  accountId: AccountId,
  addresses: readonly string[],
): Promise<string | undefined> {
  const domains = new Set(addresses.map(domainOf));
  const named = [...to, ...cc].flatMap(({ email }) => parseAddress(email) ?? []);
  const inside = named.filter(({ domain }) => domains.has(domain)).map(formatAddress);
  for (const address of new Set(inside.slice(0, ANSWER_LIMITS.addressesRead))) {
    if (addresses.includes(address)) return address;
    const resolution = await directory.resolveAddress(address);
    if (resolution.kind !== 'account' || resolution.accountId !== accountId) continue;
    // Not role mail: whoever writes to the postmaster does not write to that one.
    if (addresses.includes(resolution.address)) return resolution.address;
  }
  return undefined;
}
