/**
 * Notices of change between processes, by LISTEN and NOTIFY. Sent after the commit and for many changes at once: a
 * NOTIFY inside each transaction would make all commits of the database queue. A notice can be lost with the process
 * or the connection that carried it; whoever listens again is told of everything it may have missed.
 */
import type { Clock } from '#base/clock.ts';
import type { AccountId, ModSeq } from '#base/ids.ts';
import { errorText } from '#base/errors.ts';
import type { Logger } from '#base/log.ts';
import { type Random, randomId } from '#base/random.ts';
import { LISTEN_RETRY_MS, NOTICE_CHARACTERS } from '#store/limits.ts';
import type { SectionKey, SectionName } from '#store/operations.ts';
import { toList } from '#store/sql/session.ts';
import { SectionWatchers, Watchers } from '#store/watchers.ts';
import { Pool, PostgresSession } from './connection.ts';

const CHANNEL = 'campusmail';

const KEYED_BY_ACCOUNT: ReadonlySet<SectionName> = new Set(['directory', 'jmap']);

/** In place of an account: any may have changed. */
export const ANY_ACCOUNT = 0;

export interface NoticesOptions {
  readonly url: string;
  readonly pool: Pool;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

export class Notices {
  readonly #options: NoticesOptions;
  /** Tells our own notices, which were delivered here already, from those of others. */
  readonly #origin: string;
  readonly #watchers = new Watchers();
  readonly #sections = new SectionWatchers();
  readonly #line: Pool;
  #outbox: string[] = [];
  #sending: Promise<void> | undefined;
  #closed = false;
  #listening = false;
  #cancelRetry = (): void => {};

  constructor(options: NoticesOptions) {
    this.#options = options;
    this.#origin = randomId(options.random, 10);
    this.#line = new Pool(options.url, {
      connections: 1,
      onNotice: (payload) => this.#receive(payload),
      onLost: () => this.#lost(),
    });
  }

  /** Resolves when notices arrive. Throws what the connection throws. */
  async listen(): Promise<void> {
    await this.#line.sql.unsafe(`LISTEN ${CHANNEL}`);
    this.#listening = true;
  }

  watchAccount(accountId: AccountId, listener: (modSeq: ModSeq) => void): () => void {
    return this.#watchers.add(accountId, listener);
  }

  watchSection(section: SectionName, listener: (key: SectionKey) => void): () => void {
    return this.#sections.add(section, listener);
  }

  /** Tells listeners here now, and those elsewhere soon. */
  publishMail(accountId: AccountId, modSeq: ModSeq): void {
    this.#watchers.notify(accountId, modSeq);
    this.#post(`${accountId}:${modSeq}`);
  }

  publishSection(section: SectionName, keys: Iterable<SectionKey>): void {
    for (const key of keys) {
      this.#sections.notify(section, key);
      this.#post(`${section}=${key}`);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelRetry();
    await this.#sending;
    await this.#line.end(1);
  }

  #post(item: string): void {
    this.#outbox.push(item);
    this.#sending ??= this.#send();
  }

  async #send(): Promise<void> {
    // What is committed in this turn goes out together.
    await new Promise<void>((resolve) => setImmediate(resolve));
    while (this.#outbox.length > 0) {
      let payload = this.#origin;
      let count = 0;
      for (const item of this.#outbox) {
        if (payload.length + item.length >= NOTICE_CHARACTERS) break;
        payload += ` ${item}`;
        count++;
      }
      this.#outbox.splice(0, count);
      try {
        await new PostgresSession(this.#options.pool).all('SELECT pg_notify(?, ?)', [CHANNEL, payload]);
      } catch (error) {
        // Listeners elsewhere have lost their connections too, and ask for what they missed.
        this.#options.log.warn({ reason: errorText(error) }, 'a notice of changes could not be sent');
        this.#outbox = [];
      }
    }
    this.#sending = undefined;
  }

  #receive(payload: string): void {
    const [origin, ...items] = payload.split(' ');
    if (origin === this.#origin) return;
    for (const item of items) {
      const equals = item.indexOf('=');
      if (equals !== -1) {
        const section = item.slice(0, equals) as SectionName;
        const key = item.slice(equals + 1);
        this.#sections.notify(section, KEYED_BY_ACCOUNT.has(section) ? Number(key) : key);
        continue;
      }
      const [accountId, modSeq] = item.split(':');
      this.#watchers.notify(Number(accountId) as AccountId, Number(modSeq) as ModSeq);
    }
  }

  #lost(): void {
    if (this.#closed || !this.#listening) return;
    this.#listening = false;
    this.#options.log.warn({}, 'the connection for notices of changes was lost');
    this.#retry();
  }

  #retry(): void {
    this.#cancelRetry = this.#options.clock.after(LISTEN_RETRY_MS, () => {
      if (this.#closed) return;
      this.listen()
        .then(() => this.#catchUp())
        .catch((error: unknown) => {
          this.#listening = false;
          this.#options.log.debug({ reason: errorText(error) }, 'notices of changes are still not to be had');
          if (!this.#closed) this.#retry();
        });
    });
  }

  /** Tells everybody as if everything had changed: nobody knows what was missed. */
  async #catchUp(): Promise<void> {
    const session = new PostgresSession(this.#options.pool);
    const rows = await session.all<[number, number]>(
      `SELECT account_id, modseq FROM account WHERE ${session.dialect.isOneOf('account_id')}`,
      [toList(this.#watchers.accountIds())],
    );
    for (const [accountId, modSeq] of rows) this.#watchers.notify(accountId as AccountId, modSeq as ModSeq);
    this.#sections.notify('queue', '');
    this.#sections.notify('jmap', ANY_ACCOUNT);
    if (!this.#sections.has('directory')) return;
    const accounts = await session.all<[number]>('SELECT account_id FROM directory_account', []);
    for (const [accountId] of accounts) this.#sections.notify('directory', accountId);
  }
}
