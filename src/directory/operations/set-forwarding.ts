/** Where else an account's mail goes. */
import { MailError } from '#base/errors.ts';
import type { AccountId } from '#base/ids.ts';
import { formatAddress } from '#directory/address.ts';
import type { Address } from '#directory/address.ts';
import { mayForwardOutside } from '#directory/forwarding-rules.ts';
import type { ForwardingRules } from '#directory/forwarding-rules.ts';
import { MAX_FORWARD_TARGETS } from '#directory/limits.ts';
import type { DirectoryTransaction } from '#directory/ports/directory-store.ts';
import { findEntry, requireAccount, requireAddress } from './require.ts';

export interface SetForwardingArgs {
  readonly accountId: AccountId;
  /** In any spelling; none: nothing is forwarded any more. */
  readonly targets: readonly string[];
  readonly keepsCopy: boolean;
  readonly rules: ForwardingRules;
}

/**
 * In place of what was set. `notFound` (the account, a target in a domain of ours that nobody has), `invalid` (its own
 * address, a group's), `limit`, `forbidden` by the rules.
 */
export async function setForwarding(tx: DirectoryTransaction, args: SetForwardingArgs): Promise<void> {
  const { accountId, keepsCopy, rules } = args;
  await requireAccount(tx, accountId);
  if (args.targets.length > MAX_FORWARD_TARGETS) {
    throw new MailError('limit', `an account forwards to ${MAX_FORWARD_TARGETS} addresses at most`);
  }
  const targets = new Set<string>();
  for (const text of args.targets) {
    const address = requireAddress(text);
    await requireTarget(tx, accountId, address, rules);
    targets.add(formatAddress(address));
  }
  if (targets.size === 0) return tx.deleteForwarding(accountId);
  if (!keepsCopy && rules.copy === 'always') {
    throw new MailError('forbidden', 'mail that is forwarded stays in the mailbox, too, by the rules of this site');
  }
  await tx.putForwarding({ accountId, targets: [...targets], keepsCopy });
}

/** That mail may be forwarded there. Throws as `setForwarding` does. */
export async function requireTarget(
  tx: DirectoryTransaction,
  accountId: AccountId,
  address: Address,
  rules: ForwardingRules,
): Promise<void> {
  const target = formatAddress(address);
  const found = await findEntry(tx, address);
  if (found?.kind === 'account') {
    if (found.accountId !== accountId) return;
    throw new MailError('invalid', `${target} is the account's own address`, { data: { address: target } });
  }
  if (found?.kind === 'group') throw new MailError('invalid', `${target} is a group`, { data: { address: target } });
  if ((await tx.domain(address.domain)) !== undefined) {
    throw new MailError('notFound', `nobody has the address ${target}`, { data: { address: target } });
  }
  const [primary] = await tx.addressesOf(accountId);
  if (mayForwardOutside(rules, primary?.domain ?? '', address.domain)) return;
  throw new MailError('forbidden', `mail may not be forwarded to ${target} by the rules of this site`, {
    data: { address: target },
  });
}

/**
 * Takes targets out that may not be forwarded to any more; the mailbox then gets everything again. Answers which were
 * there, so that of several who do this at once one tells of it.
 */
export async function dropForwardTargets(
  tx: DirectoryTransaction,
  { accountId, targets }: Pick<SetForwardingArgs, 'accountId' | 'targets'>,
): Promise<{ readonly dropped: readonly string[] }> {
  const [row] = await tx.forwardings([accountId]);
  const dropped = targets.filter((target) => row?.targets.includes(target));
  if (row === undefined || dropped.length === 0) return { dropped: [] };
  const left = row.targets.filter((target) => !dropped.includes(target));
  if (left.length === 0) await tx.deleteForwarding(accountId);
  else await tx.putForwarding({ accountId, targets: left, keepsCopy: true });
  return { dropped };
}
