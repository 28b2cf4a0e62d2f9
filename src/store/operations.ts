/** The operations that stores run: those of each house, or tables of a test's. */
import { auditOperations } from '#audit/operations.ts';
import { directoryOperations } from '#directory/operations.ts';
import { jmapOperations } from '#jmap/operations.ts';
import { mailOperations } from '#mail/operations.ts';
import type { StoredOperation } from '#mail/ports/mail-store.ts';
import { queueOperations } from '#queue/operations.ts';
import { sessionOperations } from '#signin/operations.ts';
import { ssoOperations } from '#sso/operations.ts';
import { sendingOperations } from '#submission/operations.ts';
import { traceOperations } from '#trace/operations.ts';
import { trustOperations } from '#trust/operations.ts';

/** A part of the data beside mail. */
export type SectionName = 'audit' | 'directory' | 'jmap' | 'queue' | 'sending' | 'signin' | 'sso' | 'trace' | 'trust';

/** What a change of a section is about: an account, a destination. Without blanks. */
export type SectionKey = string | number;

/** An operation as stores run it, whatever its transaction. */
export interface SectionOperation {
  /** `false`: may be answered before it is on stable storage. */
  readonly durable?: boolean;
  run(tx: never, args: never): Promise<unknown>;
}

export interface Operations extends Readonly<Record<SectionName, Readonly<Record<string, SectionOperation>>>> {
  readonly mail: Readonly<Record<string, StoredOperation>>;
}

const real: Operations = {
  mail: mailOperations,
  audit: auditOperations,
  directory: directoryOperations,
  jmap: jmapOperations,
  queue: queueOperations,
  sending: sendingOperations,
  signin: sessionOperations,
  sso: ssoOperations,
  trace: traceOperations,
  trust: trustOperations,
};

/** Those of the module at `url` (which exports `mailOperations`, `directoryOperations` …) before the real ones. */
export async function loadOperations(url: string | undefined): Promise<Operations> {
  if (url === undefined) return real;
  const module = (await import(url)) as Readonly<Record<string, Operations['directory']>>;
  const of = <Name extends keyof Operations>(name: Name): Operations[Name] =>
    (module[`${name}Operations`] as Operations[Name] | undefined) ?? real[name];
  return {
    mail: of('mail'),
    audit: of('audit'),
    directory: of('directory'),
    jmap: of('jmap'),
    queue: of('queue'),
    sending: of('sending'),
    signin: of('signin'),
    sso: of('sso'),
    trace: of('trace'),
    trust: of('trust'),
  };
}

/** Throws for a name that is none: a bug. */
export function findOperation(operations: Operations, section: SectionName, name: string): SectionOperation {
  const operation = operations[section][name];
  if (operation === undefined) throw new Error(`there is no ${section} operation ${name}`);
  return operation;
}
