/**
 * Several sessions change one mailbox at the same time, over a store whose every answer takes a random while; none is
 * ever told, or understood by, a wrong sequence number, and all agree in the end.
 */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { openTestStore, type StoreKind } from '#test/harness/stores.ts';
import { Mail } from '#mail/mail.ts';
import { MailboxModel } from './testing/mailbox-model.ts';
import { fillMailbox, startServer, testMessage } from './testing/test-server.ts';
import type { TestClient, TestServer, TestStore } from './testing/test-server.ts';

interface Step {
  readonly session: number;
  readonly command:
    | 'append'
    | 'store'
    | 'uidStore'
    | 'expunge'
    | 'uidExpunge'
    | 'move'
    | 'copy'
    | 'fetch'
    | 'fetchBody'
    | 'uidFetch'
    | 'search'
    | 'noop'
    | 'idle'
    | 'select'
    | 'close';
  readonly at: number;
  readonly span: number;
}

const SESSIONS = 3;

/** More of it on demand: another store, more runs. */
const kind = (process.env['MODEL_STORE'] ?? 'memory') as StoreKind;
const numRuns = Number(process.env['MODEL_RUNS'] ?? 40);

const step: fc.Arbitrary<Step> = fc.record({
  session: fc.nat(SESSIONS - 1),
  command: fc.constantFrom(
    'append',
    'append',
    'store',
    'store',
    'uidStore',
    'expunge',
    'expunge',
    'uidExpunge',
    'move',
    'copy',
    'fetch',
    'fetchBody',
    'uidFetch',
    'search',
    'noop',
    'idle',
    'select',
    'close',
  ),
  at: fc.nat(11),
  span: fc.nat(4),
});

/** Lets every answer of the store take some turns of the event loop. */
function delayed(store: TestStore, seed: number): TestStore {
  let state = seed | 1;
  const hop = async (): Promise<void> => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    for (let turns = (state >>> 24) % 4; turns > 0; turns--) await new Promise((resolve) => void setImmediate(resolve));
  };
  const delay = <T extends object>(target: T): T =>
    new Proxy(target, {
      get(object, name) {
        const value: unknown = Reflect.get(object, name);
        if (name === 'reader') return delay(value as object);
        if (typeof value !== 'function') return value;
        const bound = value.bind(object) as (...args: unknown[]) => unknown;
        if (['watch', 'prepareBlob', 'checkInvariants', 'close'].includes(String(name))) return bound;
        return async (...args: unknown[]) => {
          await hop();
          const answer = await bound(...args);
          await hop();
          return answer;
        };
      },
    });
  return { mail: delay(store.mail), close: () => store.close() };
}

class ModelSession {
  readonly #client: TestClient;
  readonly model = new MailboxModel();
  #isSelected = true;

  constructor(client: TestClient) {
    this.#client = client;
  }

  async select(): Promise<void> {
    this.model.messages = [];
    await this.#ask('SELECT INBOX', true);
    this.#isSelected = true;
  }

  async #ask(command: string, mayExpunge: boolean): Promise<string> {
    const responses = await this.#client.ask(command);
    const reply = responses.pop() as string;
    for (const response of responses) this.model.take(response, mayExpunge);
    assert.doesNotMatch(reply, /^BAD|SERVERBUG|UNAVAILABLE/, command);
    return reply;
  }

  /** A range of sequence numbers that exist for this client; undefined when there are none. */
  #range({ at, span }: Step): string | undefined {
    const count = this.model.messages.length;
    if (count === 0) return undefined;
    // From the beginning or from the end, of which more is at hand.
    const low = at % 2 === 0 ? (at % count) + 1 : Math.max(1, count - at);
    return `${low}:${Math.min(count, low + span)}`;
  }

  async run(step: Step): Promise<void> {
    if (!this.#isSelected) await this.select();
    const range = this.#range(step);
    switch (step.command) {
      case 'append': {
        const message = testMessage(step.at + 1);
        await this.#ask(`APPEND INBOX {${message.length}+}\r\n${message.toString()}`, true);
        return;
      }
      case 'store':
        if (range !== undefined) await this.#store(step, range);
        return;
      case 'uidStore':
        await this.#ask(
          String.raw`UID STORE ${step.at * 3 + 1}:${step.at * 3 + 1 + step.span} +FLAGS (\Deleted)`,
          true,
        );
        return;
      case 'expunge':
        await this.#ask('EXPUNGE', true);
        return;
      case 'uidExpunge':
        await this.#ask(`UID EXPUNGE ${step.at * 3 + 1}:${step.at * 3 + 7}`, true);
        return;
      case 'move':
        if (range !== undefined) await this.#ask(`MOVE ${range} Archive`, true);
        return;
      case 'copy':
        if (range !== undefined) await this.#ask(`COPY ${range} INBOX`, true);
        return;
      case 'fetch':
        if (range !== undefined) await this.#ask(`FETCH ${range} (UID FLAGS)`, false);
        return;
      case 'fetchBody':
        if (range !== undefined) await this.#fetchBody(range);
        return;
      case 'uidFetch':
        await this.#ask(`UID FETCH ${step.at * 3 + 1}:* (FLAGS ENVELOPE)`, true);
        return;
      case 'search':
        await this.#search();
        return;
      case 'noop':
        await this.#ask('NOOP', true);
        return;
      case 'idle':
        await this.#idle();
        return;
      case 'select':
        await this.select();
        return;
      case 'close':
        await this.#ask('CLOSE', true);
        this.#isSelected = false;
        this.model.messages = [];
        return;
    }
  }

  async #store(step: Step, range: string): Promise<void> {
    const isSilent = step.at % 2 === 0;
    const flag = step.span === 0 ? '\\Deleted' : step.span === 1 ? 'Étiquette'.replace('É', 'e') : '\\Flagged';
    const sign = step.at % 3 === 0 ? '-' : '+';
    const responses = await this.#client.ask(`STORE ${range} ${sign}FLAGS${isSilent ? '.SILENT' : ''} (${flag})`);
    const reply = responses.pop() as string;
    if (isSilent) this.#applySilently(range, sign, flag.toLowerCase());
    for (const response of responses) this.model.take(response, false);
    assert.match(reply, /^OK/);
  }

  /** What a client concludes from its own .SILENT; what the server then tells of others counts more. */
  #applySilently(range: string, sign: string, flag: string): void {
    const [low, high] = range.split(':').map(Number) as [number, number];
    for (const message of this.model.messages.slice(low - 1, high)) {
      if (message.flags === undefined) continue;
      const flags = new Set(message.flags.split(' ').filter((one) => one !== ''));
      for (const one of flags) if (one.toLowerCase() === flag) flags.delete(one);
      if (sign === '+') flags.add(flag === '\\deleted' ? '\\Deleted' : flag === '\\flagged' ? '\\Flagged' : flag);
      message.flags = [...flags].join(' ');
    }
  }

  /** The octets that come are those of the message that this client means. */
  async #fetchBody(range: string): Promise<void> {
    const meant = this.model.messages.map(({ uid }) => uid);
    const responses = await this.#client.ask(`FETCH ${range} (UID BODY[TEXT])`);
    const reply = responses.pop() as string;
    for (const response of responses) {
      const number = Number(/^\* (\d+) FETCH \(UID (\d+) BODY/.exec(response)?.[1] ?? 0);
      const uid = Number(/^\* \d+ FETCH \(UID (\d+) BODY/.exec(response)?.[1] ?? 0);
      if (number > 0 && meant[number - 1] !== undefined) assert.equal(uid, meant[number - 1], response);
      this.model.take(response, false);
    }
    assert.match(reply, /^OK/);
  }

  async #search(): Promise<void> {
    const { length } = this.model.messages;
    const responses = await this.#client.ask('SEARCH ALL');
    responses.pop();
    for (const response of responses) {
      if (!response.startsWith('* SEARCH')) this.model.take(response, false);
      for (const number of response.match(/^\* SEARCH(.*)/)?.[1]?.match(/\d+/g) ?? []) {
        assert.ok(Number(number) <= length, `${response} of ${length}`);
      }
    }
  }

  async #idle(): Promise<void> {
    const tag = this.#client.nextTag();
    this.#client.send(`${tag} IDLE\r\n`);
    for (;;) {
      const response = (await this.#client.response()) as string;
      if (response.startsWith('+')) break;
      this.model.take(response, true);
    }
    await new Promise((resolve) => void setImmediate(resolve));
    this.#client.send('DONE\r\n');
    const responses = await this.#client.answer(tag);
    assert.match(responses.pop() as string, /^OK/);
    for (const response of responses) this.model.take(response, true);
  }

  /** After this, what the model knows is what there is. */
  async settle(): Promise<readonly string[]> {
    if (!this.#isSelected) await this.select();
    await this.#ask('NOOP', true);
    const known = this.model.messages.map(({ uid, flags }) => ({ uid, flags }));
    if (known.length > 0) await this.#ask('FETCH 1:* (UID FLAGS)', false);
    const now = this.model.messages;
    assert.equal(now.length, known.length);
    for (const [i, message] of now.entries()) {
      const before = known[i];
      if (before?.uid !== undefined) assert.equal(message.uid, before.uid);
      if (before?.flags !== undefined)
        assert.equal(sorted(message.flags), sorted(before.flags), `flags of uid ${message.uid}`);
    }
    assert.equal(this.recent.length, this.model.recent, 'RECENT says how many are');
    return now.map(({ uid, flags }) => `${uid} ${sorted(flags?.replace('\\Recent', ''))}`);
  }

  /** Uids that are \Recent here; once flags are known. */
  get recent(): (number | undefined)[] {
    return this.model.messages.filter(({ flags }) => flags?.includes('\\Recent')).map(({ uid }) => uid);
  }
}

function sorted(flags: string | undefined): string {
  return (flags ?? '').trim().split(/ +/).toSorted().join(' ');
}

async function openSession(host: TestServer): Promise<ModelSession> {
  const session = new ModelSession(await host.open());
  await session.select();
  return session;
}

it('is never wrong about a sequence number', { timeout: 600_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(step, { minLength: 1, maxLength: 4 }), { minLength: 5, maxLength: 14 }),
      fc.nat(30),
      // So few that most of a mailbox is not at hand, or enough for all of it.
      fc.constantFrom(1, 3, 50),
      fc.integer(),
      async (bursts, messages, firstEntries, seed) => {
        const store = delayed(await openTestStore(kind), seed);
        // Two threads, as it were: their sessions share no index, only the store.
        const threads = [new Mail(store.mail), new Mail(store.mail, firstEntries)] as const;
        let opened = 0;
        await using host = await startServer(store, {
          openAccount: (accountId) => (threads[opened++ % 2] as Mail).account(accountId),
        });
        await fillMailbox(host.account, messages, true);
        const sessions: ModelSession[] = [];
        for (let i = 0; i < SESSIONS; i++) sessions.push(await openSession(host));
        for (const burst of bursts) {
          // Those of different sessions run at the same time.
          const perSession = sessions.map((session, i) => async () => {
            for (const one of burst) if (one.session === i) await session.run(one);
          });
          await Promise.all(perSession.map((run) => run()));
        }
        const views: (readonly string[])[] = [];
        for (const session of sessions) views.push(await session.settle());
        for (const view of views) assert.deepEqual(view, views[0]);
        const recent = sessions.flatMap((session) => session.recent);
        assert.equal(new Set(recent).size, recent.length, 'no message is \\Recent to two sessions');
      },
    ),
    { numRuns },
  );
});
