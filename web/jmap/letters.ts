/**
 * What is done to conversations, and taken back whole: of a large selection, or of a long conversation, not every letter
 * is held. Those that are change at once, the rest as soon as it is known what they were.
 */
import type { Id } from '#contract/jmap/values.ts';
import type { Changes, StepId } from './changes.ts';
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
}

/**
 * Answers what takes it all back, also while it is still being done. What cannot be looked up, because the server is out
 * of reach, is changed nevertheless, and stays so when the rest is taken back.
 */
export function changeLetters(store: Store, changes: Changes, { of, ids, act }: LettersChange): () => void {
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
  let isTakenBack = false;
  if (step !== undefined && left.length > 0) void changeRest(step);
  return () => {
    isTakenBack = true;
    if (step !== undefined) changes.undo(step);
  };

  async function changeRest(first: StepId): Promise<void> {
    for (let at = 0; at < left.length && !isTakenBack; at += CONVERSATIONS_AT_ONCE) {
      const some = left.slice(at, at + CONVERSATIONS_AT_ONCE);
      const letters = [...new Set(await lookUpLetters(some)).difference(done)];
      for (let from = 0; from < letters.length; from += LETTERS_AT_ONCE) {
        const chunk = letters.slice(from, from + LETTERS_AT_ONCE);
        const release = await lookUp('Email', chunk);
        const next = isTakenBack ? undefined : act(chunk);
        release();
        if (next !== undefined) changes.join(first, next);
        for (const id of chunk) done.add(id);
      }
    }
  }

  async function lookUpLetters(some: readonly Id[]): Promise<readonly Id[]> {
    const release = await lookUp('Email', some);
    if (of === 'letters') {
      release();
      return some;
    }
    const releaseThreads = await lookUp(
      'Thread',
      some.flatMap((id) => store.peek('Email', id)?.threadId ?? []),
    );
    const letters = store.lettersOf(some);
    release();
    releaseThreads();
    return letters;
  }

  /** Answers what lets go of them again. What stays unknown is changed all the same. */
  async function lookUp(type: 'Email' | 'Thread', wanted: readonly Id[]): Promise<() => void> {
    const release = store.hold(wanted);
    await store.need(type, wanted, type === 'Email' ? CHANGEABLE : undefined).catch(() => undefined);
    return release;
  }
}
