/** The operations that stores run: those of each house, or tables of a test's. */
import { auditOperations } from '#audit/operations.ts';
import { directoryOperations } from '#directory/operations.ts';
import { guessOperations } from '#guesses/operations.ts';
import { jmapOperations } from '#jmap/operations.ts';
import { mailOperations } from '#mail/operations.ts';
import type { StoredOperation } from '#mail/ports/mail-store.ts';
import { migrationOperations } from '#migration/operations.ts';
import { noticeOperations } from '#notices/operations.ts';
import { grantOperations } from '#oauth/operations.ts';
import { queueOperations } from '#queue/operations.ts';
import { sessionOperations } from '#signin/operations.ts';
import { ssoOperations } from '#sso/operations.ts';
import { smsOperations } from '#sms/operations.ts';
import { sendingOperations } from '#submission/operations.ts';
import { traceOperations } from '#trace/operations.ts';
import { trustOperations } from '#trust/operations.ts';

const sections = {
  audit: auditOperations,
  directory: directoryOperations,
  guesses: guessOperations,
  jmap: jmapOperations,
  migration: migrationOperations,
  notices: noticeOperations,
  oauth: grantOperations,
  queue: queueOperations,
  sending: sendingOperations,
  signin: sessionOperations,
  sms: smsOperations,
  sso: ssoOperations,
  trace: traceOperations,
  trust: trustOperations,
} satisfies Record<string, Readonly<Record<string, SectionOperation>>>;

/** A part of the data beside mail. */
export type SectionName = keyof typeof sections;

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

/** Those of the module at `url` (which exports `mailOperations`, `directoryOperations` …) before the real ones. */
export async function loadOperations(url: string | undefined): Promise<Operations> {
  const real: Operations = { mail: mailOperations, ...sections };
  if (url === undefined) return real;
  const module = (await import(url)) as Readonly<Record<string, unknown>>;
  const taken = Object.entries<unknown>({ ...real }).map(([name, operations]) => [
    name,
    module[`${name}Operations`] ?? operations,
  ]);
  return Object.fromEntries(taken) as Operations;
}

/** Throws for a name that is none: a bug. */
export function findOperation(operations: Operations, section: SectionName, name: string): SectionOperation {
  const operation = operations[section][name];
  if (operation === undefined) throw new Error(`there is no ${section} operation ${name}`);
  return operation;
}
