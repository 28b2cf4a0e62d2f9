/** IDLE (RFC 9051 §6.3.13, RFC 2177): what happens in the selected mailbox is told when it happens. */
import { bad, defineCommand, ok, parseNothing, SIGNED_IN, type Reply } from '#imap/command.ts';
import type { Session } from '#imap/session.ts';

/** `DONE`, and what a line may hold beside it. */
const LINE_BYTES = 64;

export const idle = defineCommand({
  name: 'IDLE',
  states: SIGNED_IN,
  updates: 'own',
  capabilities: () => ['IDLE'],
  parse: parseNothing,
  async run(session): Promise<Reply> {
    session.continuation('idling');
    const watch = session.hasSelected ? new Watch(session) : undefined;
    session.rest(true);
    let line: Buffer | 'tooLong' | undefined;
    try {
      await watch?.tell();
      line = await session.connection.nextLine(LINE_BYTES);
    } finally {
      session.rest(false);
      await watch?.stop();
    }
    if (line === undefined) return bad('Not finished');
    if (line === 'tooLong') {
      session.end('Expected DONE');
      return bad('Expected DONE');
    }
    await session.tellUpdates({ mayExpunge: true });
    return line.toString('latin1').trim().toUpperCase() === 'DONE' ? ok('Done') : bad('Expected DONE');
  },
});

/** Tells what has changed each time the account does, one telling at a time. */
class Watch {
  readonly #session: Session;
  readonly #unsubscribe: () => void;
  #telling: Promise<void> | undefined;
  #isAgain = false;

  constructor(session: Session) {
    this.#session = session;
    this.#unsubscribe = session.selected.account.watch(() => void this.tell());
  }

  /** Never rejects. */
  tell(): Promise<void> {
    this.#isAgain = true;
    this.#telling ??= this.#tellAll();
    return this.#telling;
  }

  async #tellAll(): Promise<void> {
    const session = this.#session;
    while (this.#isAgain && !session.connection.isClosed) {
      this.#isAgain = false;
      await session.tellUpdates({ mayExpunge: true });
      await session.connection.send();
      // The mailbox is gone: the client will say nothing more that matters.
      if (session.isEnding) session.cut();
    }
    // Here and not when the promise is seen to be settled: a call in between would be lost.
    this.#telling = undefined;
  }

  async stop(): Promise<void> {
    this.#unsubscribe();
    this.#isAgain = false;
    await this.#telling;
  }
}
