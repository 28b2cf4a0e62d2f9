/** Every change that single sign-on keeps, by name: the one list that backends run from. */
import { MailError } from '#base/errors.ts';
import { SSO_LIMITS } from './limits.ts';
import type { SsoOperation, SsoSessionRow, SsoTransaction, TicketRow } from './ports/sso-store.ts';

const operations = {
  /** The ticket of somebody without a mailbox: the open one, or `ticketId`. `limit`: there are very many. */
  noteUnlinked: {
    async run(
      tx: SsoTransaction,
      { ticketId, number, name }: Pick<TicketRow, 'ticketId' | 'number' | 'name'>,
    ): Promise<TicketRow> {
      const open = await tx.openTicketOf(number);
      if (open === undefined && (await tx.countOpenTickets()) >= SSO_LIMITS.openTickets)
        throw new MailError('limit', 'too many people wait to be linked');
      const row: TicketRow = {
        ticketId: open?.ticketId ?? ticketId,
        number,
        name,
        firstAt: open?.firstAt ?? tx.nowMs,
        lastAt: tx.nowMs,
        visits: (open?.visits ?? 0) + 1,
        closedAt: null,
      };
      await tx.putTicket(row);
      return row;
    },
  },
  /** False: there is none that is open. */
  closeTicket: {
    async run(tx: SsoTransaction, { number }: { readonly number: string }): Promise<boolean> {
      const open = await tx.openTicketOf(number);
      if (open !== undefined) await tx.putTicket({ ...open, closedAt: tx.nowMs });
      return open !== undefined;
    },
  },
  remember: {
    run: (tx: SsoTransaction, row: SsoSessionRow): Promise<void> => tx.putSession(row),
  },
  /** The web session that was begun by that one, once. */
  take: {
    async run(tx: SsoTransaction, { indexHash }: { readonly indexHash: string }): Promise<SsoSessionRow | null> {
      const row = await tx.session(indexHash);
      if (row !== undefined) await tx.deleteSession(indexHash);
      return row ?? null;
    },
  },
  forget: {
    run: (tx: SsoTransaction, args: { readonly before: number; readonly limit: number }): Promise<number> =>
      tx.forget(args.before, args.limit),
  },
} satisfies Record<string, SsoOperation>;

/** Their names, arguments and results, for callers. Arguments are plain data: they may cross a thread. */
export type SsoOperations = typeof operations;

export const ssoOperations: Readonly<Record<string, SsoOperation>> = operations;
