/** Which of the accounts that get a message send it on, and to whom: what was set, as far as the rules of today go. */
import type { AccountId } from '#base/ids.ts';
import { randomId } from '#base/random.ts';
import type { ForwardingRow } from '#directory/types.ts';
import { composeMessage } from '#mime/compose.ts';
import { parseHeader } from '#mime/header.ts';
import { DELIVERED_TO, domainOf } from './forwarding.ts';
import type { Forward, Forwarding, Incoming } from './forwarding.ts';
import { notices } from './texts.ts';

/**
 * Nobody's whose sending is suspended, and none of a message that an account has forwarded before. An account without
 * anybody new to send it to keeps it: two that forward to each other have it both. Targets that the rules bar by now are
 * taken out, and the account is told. `alsoTo`: where an account's filters send this one, besides.
 */
export async function planForwards(
  forwarding: Forwarding,
  { octets }: Pick<Incoming, 'octets'>,
  accountIds: readonly AccountId[],
  haveIt: ReadonlySet<AccountId | string>,
  alsoTo: (accountId: AccountId) => readonly string[] = () => [],
): Promise<Forward[]> {
  const { directory, log } = forwarding;
  const rows = addTargets(await directory.forwardings(accountIds), accountIds, alsoTo);
  if (rows.length === 0) return [];
  const cameBy = new Set(
    parseHeader(octets)
      .all(DELIVERED_TO.toLowerCase())
      .map((value) => value.trim().toLowerCase()),
  );
  const forwards: Forward[] = [];
  for (const { accountId, targets, keepsCopy } of rows) {
    const standing = await directory.senderStanding(accountId);
    const address = standing?.addresses[0];
    if (address === undefined || standing?.sending === 'suspended') continue;
    if (cameBy.has(address)) {
      log.warn({ accountId }, 'a forwarded message came back: it is not forwarded again');
      continue;
    }
    const inside: Forward['inside'][number][] = [];
    const outside: string[] = [];
    const barred: string[] = [];
    for (const target of targets) {
      const resolution = await directory.resolveAddress(target);
      if (resolution.kind !== 'unknownDomain') {
        inside.push({ address: target, accountId: resolution.kind === 'account' ? resolution.accountId : undefined });
      } else if (directory.mayForwardOutside(domainOf(address), domainOf(target))) outside.push(target);
      else barred.push(target);
    }
    if (barred.length > 0) await stop(forwarding, accountId, address, barred);
    const isNew = [...inside.map((target) => target.accountId ?? target.address), ...outside];
    if (isNew.every((one) => haveIt.has(one))) continue;
    forwards.push({ accountId, address, keepsCopy: keepsCopy || barred.length > 0, inside, outside });
  }
  return forwards;
}

function addTargets(
  rows: readonly ForwardingRow[],
  accountIds: readonly AccountId[],
  alsoTo: (accountId: AccountId) => readonly string[],
): readonly ForwardingRow[] {
  const known = new Map(rows.map((row) => [row.accountId, row]));
  for (const accountId of accountIds) {
    const { targets = [], keepsCopy = true } = known.get(accountId) ?? {};
    const added = alsoTo(accountId);
    if (added.length > 0) known.set(accountId, { accountId, targets: [...new Set([...targets, ...added])], keepsCopy });
  }
  return [...known.values()];
}

/** What fails here is logged: the message does not leave in any case, and the next one tries again. */
async function stop(
  { directory, post, hostname, clock, random, log }: Forwarding,
  accountId: AccountId,
  address: string,
  barred: readonly string[],
): Promise<void> {
  try {
    const dropped = await directory.dropForwardTargets(accountId, barred);
    if (dropped.length === 0) return;
    log.warn({ accountId, targets: dropped }, 'forwarding stopped by the rules');
    const octets = composeMessage({
      from: { name: '邮件系统 Mail System', email: `postmaster@${domainOf(address)}` },
      to: [{ name: '', email: address }],
      ...notices.stopped(address, dropped),
      dateMs: clock.now(),
      messageId: `${randomId(random, 16)}@${hostname}`,
      // RFC 3834 §5.
      headers: [['Auto-Submitted', 'auto-generated']],
    });
    await post(octets, address);
  } catch (error) {
    log.error({ err: error, accountId }, 'forwarding could not be stopped');
  }
}
