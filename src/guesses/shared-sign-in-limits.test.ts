import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { MailError } from '#base/errors.ts';
import {
  LocalSignInLimits,
  defaultSignInLimits,
  type SignInLimits,
  type SignInTicket,
} from '#directory/sign-in-limits.ts';
import { ImpatientClock, RecordingLog } from '#directory/testing/campus.ts';
import { signInLimitsContract, type LimitsParts } from '#test/contract/sign-in-limits.ts';
import { STORE_KINDS, openTestStore, type StoreKind, type TestStore } from '#test/harness/stores.ts';
import type { GuessStore } from './ports/guess-store.ts';
import { SharedSignInLimits } from './shared-sign-in-limits.ts';
import { StoreOrHere } from './store-or-here.ts';
import { tidyGuesses } from './tidy.ts';

function openServer(store: GuessStore, parts: LimitsParts, kind = 'passwords'): SignInLimits {
  const { clock, log } = parts;
  return new SharedSignInLimits({
    ...parts,
    kind,
    store,
    here: new LocalSignInLimits(parts),
    ask: new StoreOrHere({ clock, log }),
  });
}

/** Servers that are asked in turn; what one admitted, it settles. */
function takingTurns(servers: readonly SignInLimits[]): SignInLimits {
  const admittedBy = new WeakMap<SignInTicket, SignInLimits>();
  let turn = 0;
  const next = (): SignInLimits => servers[turn++ % servers.length] as SignInLimits;
  return {
    async admit(attempt) {
      const server = next();
      const admission = await server.admit(attempt);
      if (admission.verdict === 'check' && admission.ticket !== null) admittedBy.set(admission.ticket, server);
      return admission;
    },
    settle: (ticket, outcome) => ((ticket && admittedBy.get(ticket)) ?? next()).settle(ticket, outcome),
    forget: (subject) => next().forget(subject),
  };
}

/** Of one clock, with what a test of the contract turns: one store for all of them. */
function openOnce(kind: StoreKind) {
  let clock: ImpatientClock | undefined;
  let store: Promise<TestStore> | undefined;
  const time = { now: () => clock?.now() ?? 0, monotonic: () => clock?.monotonic() ?? 0, after: noTimer };
  after(async () => (await store)?.close());
  return {
    open: async (parts: LimitsParts): Promise<GuessStore> => {
      clock = parts.clock;
      store ??= openTestStore(kind, { clock: time });
      return (await store).guesses;
    },
  };
}

const noTimer = (): (() => void) => () => {};

for (const kind of STORE_KINDS) {
  const one = openOnce(kind);
  let opened = 0;
  signInLimitsContract(
    `two servers, ${kind}`,
    async (parts) => {
      const store = await one.open(parts);
      const name = `test ${++opened}`;
      return takingTurns([openServer(store, parts, name), openServer(store, parts, name)]);
    },
    2,
  );
}

const ATTEMPT = { subject: 'account 7', remoteAddress: '192.0.2.1', guess: null };

function openParts(): LimitsParts & { readonly log: RecordingLog } {
  return { clock: new ImpatientClock(), log: new RecordingLog(), settings: defaultSignInLimits };
}

async function attempt(limits: SignInLimits, outcome: 'success' | 'failure', patch: Partial<typeof ATTEMPT> = {}) {
  const admission = await limits.admit({ ...ATTEMPT, ...patch });
  if (admission.verdict === 'check') await limits.settle(admission.ticket, outcome);
  return admission.verdict;
}

/** A store that tells what was asked of it, and can be away. */
function watched(store: GuessStore) {
  const asked: string[] = [];
  const state = { isAway: false };
  const note = <T>(what: string, then: () => Promise<T>): Promise<T> => {
    asked.push(what);
    return state.isAway ? Promise.reject(new MailError('unavailable', 'away')) : then();
  };
  const watchedStore: GuessStore = {
    reader: {
      known: (...args) => note('known', () => store.reader.known(...args)),
      tally: (...args) => note('tally', () => store.reader.tally(...args)),
    },
    run: (name, args) => note(name, () => store.run(name, args)),
  };
  return { store: watchedStore, asked, state };
}

test('a right sign-in from where the account is known is one read, and a day later a write', async (t) => {
  const parts = openParts();
  const opened = await openTestStore('memory', { clock: parts.clock });
  t.after(() => opened.close());
  const { store, asked } = watched(opened.guesses);
  const limits = openServer(store, parts);
  assert.equal(await attempt(limits, 'success'), 'check');
  assert.deepEqual(asked.splice(0), ['known', 'admit', 'settle']);
  for (let i = 0; i < 2; i++) assert.equal(await attempt(limits, 'success'), 'check');
  assert.deepEqual(asked.splice(0), ['known', 'known']);
  parts.clock.advance(86_400_000);
  assert.equal(await attempt(limits, 'success'), 'check');
  assert.deepEqual(asked.splice(0), ['known', 'settle']);
  assert.equal(await attempt(limits, 'success'), 'check');
  assert.deepEqual(asked, ['known']);
});

test('while the store is away this server counts by itself, and says so once', async (t) => {
  const parts = openParts();
  const opened = await openTestStore('memory', { clock: parts.clock });
  t.after(() => opened.close());
  const { store, asked, state } = watched(opened.guesses);
  const limits = openServer(store, parts);
  const begun = await limits.admit(ATTEMPT);
  state.isAway = true;
  assert.ok(begun.verdict === 'check');
  // It was admitted by the store, and its failure counts here.
  await limits.settle(begun.ticket, 'failure');
  const verdicts: string[] = [];
  for (let i = 0; i < 10; i++) verdicts.push(await attempt(limits, 'failure'));
  assert.deepEqual(verdicts, [...Array<string>(9).fill('check'), 'limited']);
  const before = asked.length;
  assert.equal(await attempt(limits, 'success', { subject: 'account 8' }), 'check');
  assert.equal(asked.length, before, 'it is not asked at every sign-in');
  parts.clock.advance(5_000);
  assert.equal(await attempt(limits, 'success', { subject: 'account 8' }), 'check');
  state.isAway = false;
  parts.clock.advance(5_000);
  assert.equal(await attempt(limits, 'success', { subject: 'account 8' }), 'check');
  assert.ok(asked.length > before);
  const told = parts.log.lines.filter(({ message }) => message.startsWith('guesses are counted'));
  assert.deepEqual(
    told.map(({ level }) => level),
    ['warn', 'info'],
  );
});

test('what a server that died had under way is given up in time', async (t) => {
  const parts = openParts();
  const opened = await openTestStore('memory', { clock: parts.clock });
  t.after(() => opened.close());
  const dead = openServer(opened.guesses, parts);
  const alive = openServer(opened.guesses, parts);
  for (let i = 0; i < 10; i++) assert.equal((await dead.admit(ATTEMPT)).verdict, 'check');
  assert.equal((await alive.admit(ATTEMPT)).verdict, 'limited');
  parts.clock.advance(120_000);
  assert.equal((await alive.admit(ATTEMPT)).verdict, 'check');
});

test('a server whose clock is ahead locks nobody for longer', async (t) => {
  const ahead = openParts();
  const parts = openParts();
  ahead.clock.advance(3_600_000);
  let now = ahead.clock;
  const opened = await openTestStore('memory', {
    clock: { now: () => now.now(), monotonic: () => now.monotonic(), after: noTimer },
  });
  t.after(() => opened.close());
  for (let i = 0; i < 10; i++) await attempt(openServer(opened.guesses, ahead), 'failure');
  now = parts.clock;
  const admission = await openServer(opened.guesses, parts).admit(ATTEMPT);
  assert.deepEqual(admission, { verdict: 'limited', retryAfterMs: 15 * 60_000 });
});

test('who tries name after name leaves as many rows as a range has budget', async (t) => {
  const parts = openParts();
  const opened = await openTestStore('memory', { clock: parts.clock });
  t.after(() => opened.close());
  const limits = openServer(opened.guesses, parts);
  for (let i = 0; i < 200; i++) await attempt(limits, 'failure', { subject: `name ${i}` });
  parts.clock.advance(15 * 60_000);
  assert.equal(await opened.guesses.run('forget', { limit: 1_000 }), 50);
});

for (const kind of STORE_KINDS)
  test(`what is over leaves no rows (${kind})`, async (t) => {
    const parts = openParts();
    const opened = await openTestStore(kind, {
      clock: { now: parts.clock.now, monotonic: parts.clock.monotonic, after: noTimer },
    });
    t.after(() => opened.close());
    const limits = openServer(opened.guesses, parts);
    const left = async (): Promise<unknown> => opened.guesses.run('forget', { limit: 1_000 });
    await attempt(limits, 'success');
    for (let i = 0; i < 3; i++) await attempt(limits, 'failure', { subject: `name ${i}` });
    await limits.admit({ ...ATTEMPT, subject: 'name 4' });
    assert.equal(await left(), 0);
    parts.clock.advance(15 * 60_000);
    assert.equal(await opened.guesses.run('forget', { limit: 2 }), 2);
    assert.equal(await left(), 2);
    assert.notEqual(await opened.guesses.reader.known('passwords account 7', '192.0.2.0/24'), undefined);
    parts.clock.advance(31 * 86_400_000);
    await tidyGuesses(opened.guesses);
    assert.equal(await opened.guesses.reader.known('passwords account 7', '192.0.2.0/24'), undefined);
  });
