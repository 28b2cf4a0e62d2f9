/**
 * A store that fails when told to, around any other: for tests that ask whether what an engine answers is still true
 * when its store is not well.
 */
import { MailError } from '#base/errors.ts';
import type { OperationOutcome } from '#mail/ports/mail-store.ts';
import type { OpenedStore } from './opened-store.ts';
import { failure } from './outcomes.ts';
import { readerAround } from './reader-around.ts';

/** `change`: MailStore.run; `directoryChange`: DirectoryStore.run; reads: any method of the readers. */
export type CallKind = 'change' | 'read' | 'directoryChange' | 'directoryRead';

export interface Fault {
  readonly on: CallKind;
  /** The first call of the kind is 1. */
  readonly nth: number;
  /**
   * `unavailable`: nothing happens and the answer says so. `crashBefore`: nothing happens and no answer comes, the
   * call rejects. `crashAfter`: it is committed, but the answer is lost in the same way.
   */
  readonly how: 'unavailable' | 'crashBefore' | 'crashAfter';
}

export interface FaultyStore extends OpenedStore {
  /** How many calls of the kind there were so far. */
  calls(kind: CallKind): number;
}

/** `store`, with these faults; its other calls, its maintenance and its closing are the store's own. */
export function openFaultyStore(store: OpenedStore, faults: readonly Fault[]): FaultyStore {
  const counts = new Map<CallKind, number>();
  const next = (kind: CallKind): Fault['how'] | undefined => {
    const nth = (counts.get(kind) ?? 0) + 1;
    counts.set(kind, nth);
    return faults.find((fault) => fault.on === kind && fault.nth === nth)?.how;
  };
  /** For calls whose failure is thrown. */
  const around = async <T>(kind: CallKind, call: () => Promise<T>): Promise<T> => {
    const how = next(kind);
    if (how === 'unavailable' || how === 'crashBefore') throw fault(kind);
    const value = await call();
    if (how === 'crashAfter') throw fault(kind);
    return value;
  };
  const { mail, directory, queue } = store;
  return {
    mail: {
      reader: readerAround(mail.reader, (_name, call) => around('read', call)),
      prepareBlob: (octets) => mail.prepareBlob(octets),
      async run(requests): Promise<readonly OperationOutcome[]> {
        const how = next('change');
        if (how === 'unavailable') return requests.map(() => failure(fault('change')));
        if (how === 'crashBefore') throw fault('change');
        const outcomes = await mail.run(requests);
        if (how === 'crashAfter') throw fault('change');
        return outcomes;
      },
      watch: (accountId, listener) => mail.watch(accountId, listener),
      checkInvariants: () => mail.checkInvariants(),
      close: () => store.close(),
    },
    directory: {
      reader: readerAround(directory.reader, (_name, call) => around('directoryRead', call)),
      run: (name, args) => around('directoryChange', () => directory.run(name, args)),
      watch: (listener) => directory.watch(listener),
    },
    audit: store.audit,
    guesses: store.guesses,
    jmap: store.jmap,
    migration: store.migration,
    oauth: store.oauth,
    queue: {
      reader: queue.reader,
      run: (name, args) => queue.run(name, args),
      runWith: (name, args, changes) => around('change', () => queue.runWith(name, args, changes)),
      watch: (listener) => queue.watch(listener),
    },
    sending: store.sending,
    signin: store.signin,
    notices: store.notices,
    sso: store.sso,
    sms: store.sms,
    trace: store.trace,
    trust: store.trust,
    search: store.search,
    maintenance: store.maintenance,
    close: () => store.close(),
    calls: (kind) => counts.get(kind) ?? 0,
  };
}

function fault(kind: CallKind): MailError {
  return new MailError('unavailable', `The mail store is out of reach (a fault on purpose, ${kind})`);
}
