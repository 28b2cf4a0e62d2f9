/**
 * What is done to conversations, and taken back whole: of a large selection, or of a long conversation, not every letter
 * is held. Those that are change at once, the rest as soon as it is known what they were.
 */
import type { Id } from '#contract/jmap/values.ts';
import type { Changes, StepId } from './changes.ts';
import { failureOf, isTransient } from './failures.ts';
import { CONVERSATIONS_AT_ONCE, LETTERS_AT_ONCE } from './limits.ts';
import type { Store } from './store.ts';

/** Of a letter: what users change of it, and what it belongs to. */
export const CHANGEABLE = ['threadId', 'mailboxIds', 'keywords'];

export interface LettersChange {
  /** Of `ids`, a letter of each conversation: all letters of those, or these alone. */
  readonly of: 'conversations' | 'letters';
  readonly ids: readonly Id[];
  /** One action on some of the letters; `undefined`: it cannot be done in this account. */
  readonly act: (emailIds: readonly Id[]) => StepId | undefined;
  /** Takes the rows of these out of the lists that they are to leave; answers what ends that. */
  readonly leave?: ((ids: readonly Id[]) => () => void) | undefined;
}

export interface LettersChanged {
  /** Takes it all back, also while it is still being done. */
  readonly undo: () => void;
  /**
   * Settles when all of it is on its way, which is as long as the server is out of reach. False: of some conversations the
   * server would not say what they were, and they are as they were. Never rejects.
   */
  readonly settled: Promise<boolean>;
}

/** Their rows are where they will be before this returns; nothing is changed of which it is not known what it was. */
export function changeLetters(store: Store, changes: Changes, { of, ids, act, leave }: LettersChange): LettersChanged {
  const lettersOf = (some: readonly Id[]) => (of === 'letters' ? some : store.lettersOf(some));
  const isHeld = (id: Id) => CHANGEABLE.every((name) => Object.hasOwn(store.peek('Email', id) ?? {}, name));
  const isWhole = (id: Id) => {
    if (store.peek('Email', id) === null) return true;
    const threadId = isHeld(id) ? store.peek('Email', id)?.threadId : undefined;
    if (threadId === undefined) return false;
    return of === 'letters' || (store.peek('Thread', threadId) !== undefined && lettersOf([id]).every(isHeld));
  };
  const left = ids.filter((id) => !isWhole(id));
  const done = new Set(lettersOf(ids).filter(isHeld));
  const step = act([...done]);
  if (step === undefined) return { undo: () => undefined, settled: Promise.resolve(true) };
  let isTakenBack = false;
  const showAsIs = left.length > 0 ? leave?.(left) : undefined;
  return {
    undo() {
      isTakenBack = true;
      changes.undo(step);
      showAsIs?.();
    },
    settled: changeRest(step).finally(() => showAsIs?.()),
  };

  async function changeRest(first: StepId): Promise<boolean> {
    let isAll = true;
    for (let at = 0; at < left.length && !isTakenBack; at += CONVERSATIONS_AT_ONCE) {
      const some = left.slice(at, at + CONVERSATIONS_AT_ONCE);
      isAll = (await inReach(() => changeSome(first, some))) && isAll;
    }
    return isAll;
  }

  /** Does it again whenever there is hope, until it is done or taken back. False: the server will not have it. */
  async function inReach(work: () => Promise<void>): Promise<boolean> {
    while (!isTakenBack) {
      try {
        await work();
        return true;
      } catch (error) {
        const failure = failureOf(error);
        if (!isTransient(failure) && failure.kind !== 'signedOut') return false;
        await changes.hope();
      }
    }
    return true;
  }

  async function changeSome(first: StepId, some: readonly Id[]): Promise<void> {
    const letters = [...new Set(await lookUpLetters(some)).difference(done)];
    for (let from = 0; from < letters.length; from += LETTERS_AT_ONCE) {
      const chunk = letters.slice(from, from + LETTERS_AT_ONCE);
      await lookUp('Email', chunk, () => {
        // What is gone meanwhile is nowhere.
        const next = isTakenBack ? undefined : act(chunk.filter(isHeld));
        if (next !== undefined) changes.join(first, next);
      });
      for (const id of chunk) done.add(id);
    }
  }

  async function lookUpLetters(some: readonly Id[]): Promise<readonly Id[]> {
    if (of === 'letters') return some;
    const threadIds = () => some.flatMap((id) => store.peek('Email', id)?.threadId ?? []);
    return lookUp('Email', some, () => lookUp('Thread', threadIds(), () => store.lettersOf(some)));
  }

  /** Keeps them until `then` is done with them. */
  async function lookUp<T>(type: 'Email' | 'Thread', wanted: readonly Id[], then: () => T | Promise<T>): Promise<T> {
    const release = store.hold(wanted);
    try {
      await store.need(type, wanted, type === 'Email' ? CHANGEABLE : undefined);
      return await then();
    } finally {
      release();
    }
  }
}
