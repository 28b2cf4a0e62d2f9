/** SsoStore in memory: the readable model. */
import type { SsoReader, SsoSessionRow, SsoStore, SsoTransaction, TicketRow } from '#sso/ports/sso-store.ts';
import { MemorySection, type MemorySectionOptions } from './section.ts';

interface SsoData {
  tickets: Map<string, TicketRow>;
  sessions: Map<string, SsoSessionRow>;
}

export class MemorySsoStore implements SsoStore {
  readonly reader: SsoReader;
  readonly #section: MemorySection<SsoData>;

  constructor(options: Pick<MemorySectionOptions<SsoData>, 'operations' | 'clock'>) {
    this.#section = new MemorySection<SsoData>({
      ...options,
      section: 'sso',
      empty: { tickets: new Map(), sessions: new Map() },
      copy: ({ tickets, sessions }) => ({ tickets: new Map(tickets), sessions: new Map(sessions) }),
      open: (data, nowMs) => new MemorySsoTransaction(data, nowMs),
    });
    this.reader = new MemorySsoReader(() => this.#section.data);
  }

  run(name: string, args: unknown): Promise<unknown> {
    return this.#section.run(name, args);
  }
}

class MemorySsoReader implements SsoReader {
  protected readonly data: () => SsoData;

  constructor(data: () => SsoData) {
    this.data = data;
  }

  async ticket(ticketId: string): Promise<TicketRow | undefined> {
    return this.data().tickets.get(ticketId);
  }

  async openTicketOf(number: string): Promise<TicketRow | undefined> {
    return (await this.openTickets(Infinity)).find((row) => row.number === number);
  }

  async openTickets(limit: number): Promise<readonly TicketRow[]> {
    const open = [...this.data().tickets.values()].filter(({ closedAt }) => closedAt === null);
    return open.toSorted((a, b) => b.lastAt - a.lastAt || (a.ticketId < b.ticketId ? -1 : 1)).slice(0, limit);
  }

  async countOpenTickets(): Promise<number> {
    return (await this.openTickets(Infinity)).length;
  }

  async session(indexHash: string): Promise<SsoSessionRow | undefined> {
    return this.data().sessions.get(indexHash);
  }
}

class MemorySsoTransaction extends MemorySsoReader implements SsoTransaction {
  readonly nowMs: number;
  readonly #data: SsoData;

  constructor(data: SsoData, nowMs: number) {
    super(() => data);
    this.#data = data;
    this.nowMs = nowMs;
  }

  async putTicket(row: TicketRow): Promise<void> {
    this.#data.tickets.set(row.ticketId, { ...row });
  }

  async putSession(row: SsoSessionRow): Promise<void> {
    this.#data.sessions.set(row.indexHash, { ...row });
  }

  async deleteSession(indexHash: string): Promise<void> {
    this.#data.sessions.delete(indexHash);
  }

  async forget(before: number, limit: number): Promise<number> {
    const { sessions, tickets } = this.#data;
    const oldSessions = [...sessions.values()].filter((row) => row.createdAt < before).slice(0, limit);
    for (const { indexHash } of oldSessions) sessions.delete(indexHash);
    const oldTickets = [...tickets.values()]
      .filter(({ closedAt }) => closedAt !== null && closedAt < before)
      .slice(0, limit - oldSessions.length);
    for (const { ticketId } of oldTickets) tickets.delete(ticketId);
    return oldSessions.length + oldTickets.length;
  }
}
