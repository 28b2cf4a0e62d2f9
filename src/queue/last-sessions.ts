/** How the last session with each destination was protected, as far as this process remembers: for people who ask. */
import { LruMap } from '#base/lru-map.ts';
import { QUEUE_LIMITS } from './limits.ts';

export interface LastSession {
  readonly destination: string;
  /** When it began. */
  readonly at: number;
  /** `TLS 1.3, verified by DANE`. */
  readonly protection: string;
}

export class LastSessions {
  readonly #sessions = new LruMap<string, LastSession>(QUEUE_LIMITS.sessionsKept);

  note(session: LastSession): void {
    this.#sessions.set(session.destination, session);
  }

  /** At most so many, the newest first. */
  newest(limit: number): readonly LastSession[] {
    return [...this.#sessions.values()].toReversed().slice(0, limit);
  }
}
