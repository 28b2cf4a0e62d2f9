/**
 * What the user changes: shown at once, sent in the background, taken back when the server refuses.
 *
 * A change is a patch laid over the record until the server has it. Patches name only what was changed, and carry no
 * `ifInState`: what others change in the meantime stays, and of two who change the same, the later wins. So sending one
 * twice does no harm, and what could not be sent waits.
 */
import type { Id } from '#contract/jmap/values.ts';
import type { SetError, SetResponse } from '#contract/jmap/core.ts';
import type { Connection } from './connection.ts';
import { failureOf, isTransient, type Failure } from './failures.ts';
import { UNDO_STEPS } from './limits.ts';
import { Listeners } from './listeners.ts';
import { combinePatches, invertPatch, type Patch } from './patch.ts';
import type { Platform } from './platform.ts';
import { Repeated } from './repeated.ts';
import { Resend } from './resend.ts';
import type { Overlay, Store } from './store.ts';
import { TYPE_NAMES, type External, type Known, type RejectionKey, type TypeName } from './types.ts';

/** Something the user asked for and did not get; it is shown as it was again. */
export interface Rejection {
  readonly type: TypeName;
  readonly ids: readonly Id[];
  readonly messageKey: RejectionKey;
  /** The refusal of the first of them, or of the request. */
  readonly error: SetError | Failure;
}

export type Patches = ReadonlyMap<Id, Patch>;

/** Names an action until it is taken back or has become too old for that. */
export type StepId = number;

interface Step {
  readonly id: StepId;
  readonly type: TypeName;
  readonly inverse: Patches;
}

/** Changes of one type: not yet sent, and under way. */
interface Pending {
  queued: Map<Id, Overlay>;
  sending: Map<Id, Overlay>;
}

export class Changes {
  readonly rejected = new Listeners<Rejection>();
  readonly #store: Store;
  readonly #connection: Connection;
  /** Catches up with what the server has changed besides; it is under way with the changes, in the same request. */
  readonly #refresh: (type: TypeName) => Promise<void>;
  readonly #pending = new Map<TypeName, Pending>(
    TYPE_NAMES.map((type) => [type, { queued: new Map(), sending: new Map() }]),
  );
  readonly #sending = new Repeated(() => this.#send());
  readonly #watchers = new Listeners();
  readonly #resumed = new Listeners();
  #undoable: readonly Step[] = [];
  #lastStep: StepId = 0;
  /** Counts of mailboxes with what is pending of their Emails. */
  #counts = new Map<Id, Patch>();
  /** Emails whose changes the server has made, as the mailboxes' counts, until they are fetched again, still have them. */
  readonly #counted = new Map<Id, Known<'Email'>>();
  readonly #resend: Resend;

  constructor(
    store: Store,
    connection: Connection,
    platform: Pick<Platform, 'clock' | 'random'>,
    refresh: (type: TypeName) => Promise<void>,
  ) {
    this.#store = store;
    this.#connection = connection;
    this.#resend = new Resend(platform, () => void this.resume());
    this.#refresh = refresh;
    store.touched.add((touched) => {
      if (touched.has('Email') || touched.has('Mailbox')) this.#recount();
    });
  }

  /** How many records have changes that the server does not know of yet. */
  readonly waiting: External<number> = {
    subscribe: (listener) => this.#watchers.add(listener),
    getSnapshot: () =>
      this.#pending.values().reduce((sum, { queued, sending }) => sum + union(queued, sending).size, 0),
  };

  /** How many actions can be undone. */
  readonly undoable: External<number> = {
    subscribe: (listener) => this.#watchers.add(listener),
    getSnapshot: () => this.#undoable.length,
  };

  /**
   * Changes records as one action; each is shown so before this returns. Unknown records are changed but not undone.
   * Answers what `undo` takes it back by.
   */
  update(type: TypeName, patches: Patches): StepId {
    const inverse = new Map<Id, Patch>();
    for (const [id, patch] of patches) {
      const shown = this.#store.peek(type, id);
      if (shown !== null && shown !== undefined) inverse.set(id, invertPatch(shown, patch));
    }
    const id = ++this.#lastStep;
    if (inverse.size > 0) this.#undoable = [...this.#undoable, { id, type, inverse }].slice(-UNDO_STEPS);
    this.#queue(type, patches);
    return id;
  }

  /** Changes records as a consequence of something else, which is no action of the user's to take back. */
  follow(type: TypeName, patches: Patches): void {
    this.#queue(type, patches);
  }

  /** Destroys records. This cannot be undone: ask before. */
  destroy(type: TypeName, ids: readonly Id[]): void {
    this.#queue(type, new Map(ids.map((id) => [id, 'destroyed'])));
  }

  /**
   * Takes back one action, by default the last that has not been taken back; `false`: there is none. What was changed
   * since on other properties stays.
   */
  undo(id?: StepId): boolean {
    const step = id === undefined ? this.#undoable.at(-1) : this.#undoable.find((one) => one.id === id);
    if (step === undefined) return false;
    this.#undoable = this.#undoable.filter((one) => one !== step);
    this.#queue(step.type, step.inverse);
    return true;
  }

  /** Makes one action of two: to undo `first` takes both back. */
  join(first: StepId, next: StepId): void {
    const [earlier, later] = [first, next].map((id) => this.#undoable.find((one) => one.id === id));
    if (later === undefined) return;
    // Where both changed a record, it goes back to what it was before the first.
    const joined = { ...later, id: first, inverse: new Map([...later.inverse, ...(earlier?.inverse ?? [])]) };
    this.#undoable = [...this.#undoable.filter((one) => one !== earlier && one !== later), joined];
  }

  /** There is hope that the server can be reached. Settles when everything has been sent, or could not be. */
  async resume(): Promise<void> {
    this.#resend.cancel();
    this.#resumed.emit();
    await this.#sending.run();
  }

  /** The server was out of reach: settles when there is hope again. */
  hope(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const stop = this.#resumed.add(() => {
      stop();
      resolve();
    });
    this.#resend.later();
    return promise;
  }

  /** What waits, for a cache to keep; and puts it back at the next start. */
  keep(): readonly (readonly [TypeName, readonly (readonly [Id, Overlay])[]])[] {
    return [...this.#pending].map(([type, { queued, sending }]) => [type, [...union(sending, queued)]] as const);
  }

  restore(kept: ReturnType<Changes['keep']>): void {
    for (const [type, overlays] of kept) if (overlays.length > 0) this.#queue(type, new Map(overlays));
  }

  #queue(type: TypeName, overlays: ReadonlyMap<Id, Overlay>): void {
    const pending = this.#pendingOf(type);
    pending.queued = union(pending.queued, overlays);
    this.#show(type, overlays.keys());
    // With a wait under way the server is not within reach.
    if (!this.#resend.isWaiting) void this.#sending.run();
  }

  /** Lays over the records what is pending of them. */
  #show(type: TypeName, ids: Iterable<Id>): void {
    const { queued, sending } = this.#pendingOf(type);
    const counts: ReadonlyMap<Id, Patch> = type === 'Mailbox' ? this.#counts : new Map();
    const overlayOf = (id: Id) => combineOverlays(counts.get(id), combineOverlays(sending.get(id), queued.get(id)));
    this.#store.overlay(
      type,
      [...ids].map((id) => [id, overlayOf(id)] as const),
    );
    this.#watchers.emit();
  }

  async #send(): Promise<void> {
    await Promise.all(TYPE_NAMES.map((type) => this.#sendType(type)));
  }

  async #sendType(type: TypeName): Promise<void> {
    const pending = this.#pendingOf(type);
    if (pending.queued.size === 0) return;
    pending.sending = pending.queued;
    pending.queued = new Map();
    const { sending } = pending;
    const unsent = new Map(sending);
    try {
      const { maxObjectsInSet } = await this.#connection.limits();
      const entries = [...sending];
      for (let at = 0; at < entries.length; at += maxObjectsInSet) {
        const some = new Map(entries.slice(at, at + maxObjectsInSet));
        await this.#sendSome(type, some);
        for (const id of some.keys()) unsent.delete(id);
      }
      this.#resend.succeeded();
    } catch (error) {
      const failure = failureOf(error);
      if (isTransient(failure) || failure.kind === 'signedOut') {
        pending.queued = union(unsent, pending.queued);
        if (failure.kind !== 'signedOut') this.#resend.later();
      } else this.#reject(type, [...unsent.keys()], 'other', failure);
    } finally {
      pending.sending = new Map();
      for (const id of sending.keys()) this.#counted.delete(id);
      this.#show(type, sending.keys());
    }
  }

  async #sendSome(type: TypeName, overlays: ReadonlyMap<Id, Overlay>): Promise<void> {
    const update: Record<Id, Patch> = {};
    const destroy: Id[] = [];
    for (const [id, overlay] of overlays) {
      if (overlay === 'destroyed') destroy.push(id);
      else update[id] = overlay;
    }
    const { accountId } = this.#store;
    const set = this.#connection.call(`${type as 'Email'}/set`, { accountId, update, destroy }, { isIdempotent: true });
    // Asked for in one tick, the answers to both come together. Its failure is not the changes'.
    const refresh = this.#refresh(type).catch(failureOf);
    this.#settle(type, overlays, await set);
    await refresh;
  }

  /** The server has answered. To be called before anything that it says later is taken in. */
  #settle(type: TypeName, overlays: ReadonlyMap<Id, Overlay>, response: SetResponse<Known<'Email'>>): void {
    const refused = new Map(Object.entries({ ...response.notUpdated, ...response.notDestroyed }));
    const done = new Map<Id, Overlay>();
    for (const [id, overlay] of overlays) {
      const error = refused.get(id);
      // Somebody else has destroyed it: there is nothing left to change, and nothing to complain of.
      if (error === undefined || error.type === 'notFound') done.set(id, error === undefined ? overlay : 'destroyed');
    }
    for (const id of done.keys()) {
      refused.delete(id);
      const email = type === 'Email' ? this.#store.peekServer('Email', id) : undefined;
      if (email !== undefined) this.#counted.set(id, email);
    }
    this.#store.confirm(type, done);
    for (const [errorType, errors] of Map.groupBy(refused, ([, error]) => error.type)) {
      const ids = errors.map(([id]) => id);
      this.#reject(type, ids, errorType, errors[0]?.[1] ?? { type: errorType });
    }
  }

  #reject(type: TypeName, ids: readonly Id[], why: SetError['type'] | 'other', error: SetError | Failure): void {
    // What did not happen cannot be undone.
    const refused = new Set(ids);
    this.#undoable = this.#undoable.flatMap((step) => {
      if (step.type !== type) return [step];
      const inverse = new Map([...step.inverse].filter(([id]) => !refused.has(id)));
      return inverse.size === 0 ? [] : [{ ...step, inverse }];
    });
    this.rejected.emit({ type, ids, messageKey: `jmap.rejected.${why}`, error });
  }

  /** The counts of mailboxes as they will be when the server has what is pending of Emails, and has said so. */
  #recount(): void {
    const { queued, sending } = this.#pendingOf('Email');
    const deltas = new Map<Id, { total: number; unread: number }>();
    for (const id of union(sending, queued).keys()) {
      count(deltas, this.#counted.get(id) ?? this.#store.peekServer('Email', id), -1);
      count(deltas, this.#store.peek('Email', id), 1);
    }
    const before = this.#counts;
    this.#counts = new Map();
    for (const [id, { total, unread }] of deltas) {
      const mailbox = this.#store.peekServer('Mailbox', id);
      if (mailbox === undefined || (total === 0 && unread === 0)) continue;
      const { totalEmails = 0, unreadEmails = 0 } = mailbox;
      this.#counts.set(id, {
        totalEmails: Math.max(0, totalEmails + total),
        unreadEmails: Math.max(0, unreadEmails + unread),
      });
    }
    const changed = new Set([...before.keys(), ...this.#counts.keys()]).values().filter((id) => {
      const [old, now] = [before.get(id), this.#counts.get(id)];
      return old?.['totalEmails'] !== now?.['totalEmails'] || old?.['unreadEmails'] !== now?.['unreadEmails'];
    });
    const ids = [...changed];
    if (ids.length > 0) this.#show('Mailbox', ids);
  }

  #pendingOf(type: TypeName): Pending {
    const pending = this.#pending.get(type);
    if (pending === undefined) throw new RangeError(`no such type: ${type}`);
    return pending;
  }
}

/** One overlay that does what the two do one after the other. */
function combineOverlays(first: Overlay | undefined, second: Overlay | undefined): Overlay | undefined {
  if (first === 'destroyed' || second === undefined) return first;
  return first === undefined || second === 'destroyed' ? second : combinePatches(first, second);
}

function union(first: ReadonlyMap<Id, Overlay>, second: ReadonlyMap<Id, Overlay>): Map<Id, Overlay> {
  const both = new Map(first);
  for (const [id, overlay] of second) both.set(id, combineOverlays(first.get(id), overlay) ?? overlay);
  return both;
}

/** Adds an Email to the counts of its mailboxes, or takes it off. RFC 8621 §2: unread is neither seen nor a draft. */
function count(
  counts: Map<Id, { total: number; unread: number }>,
  email: Known<'Email'> | null | undefined,
  sign: 1 | -1,
): void {
  if (email?.mailboxIds === undefined || email.keywords === undefined) return;
  const isUnread = email.keywords['$seen'] !== true && email.keywords['$draft'] !== true;
  for (const id of Object.keys(email.mailboxIds)) {
    const { total, unread } = counts.get(id) ?? { total: 0, unread: 0 };
    counts.set(id, { total: total + sign, unread: unread + (isUnread ? sign : 0) });
  }
}
