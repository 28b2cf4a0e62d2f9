/** Every change that can be made to the audit, by name: the one list that backends run from. */
import { chainEntries } from './chain.ts';
import type { AuditOperation, AuditTransaction } from './ports/audit-store.ts';
import type { AuditEntry } from './types.ts';

export interface AppendArgs {
  readonly entries: readonly AuditEntry[];
}

async function append(tx: AuditTransaction, { entries }: AppendArgs): Promise<void> {
  if (entries.length > 0) await tx.insertRows(chainEntries(await tx.lockLast(), entries));
}

const operations = {
  append: { run: append },
  // Sign-ins by the thousand share the next sync of anything.
  appendSoon: { durable: false, run: append },
  forget: {
    durable: false,
    run: (tx: AuditTransaction, args: { readonly before: number; readonly limit: number }): Promise<number> =>
      tx.forget(args.before, args.limit),
  },
} satisfies Record<string, AuditOperation>;

export const auditOperations: Readonly<Record<string, AuditOperation>> = operations;
