/**
 * The parts of the data beside mail: each has operations of its own over a transaction of its own rows, and is run by
 * every SQL backend in the same way.
 */
import type { BlobKey } from '#base/ids.ts';
import type { PreparedMessage } from '#mail/types.ts';
import type { SectionKey, SectionName } from '#store/operations.ts';
import { SqlAuditTransaction } from './audit-rows.ts';
import { SqlDirectoryTransaction } from './directory-rows.ts';
import { SqlGrantTransaction } from './grant-rows.ts';
import { SqlGuessTransaction } from './guess-rows.ts';
import { SqlJmapTransaction } from './jmap-rows.ts';
import { SqlMigrationTransaction } from './migration-rows.ts';
import { SqlNoticeTransaction } from './notice-rows.ts';
import { SqlQueueTransaction } from './queue-rows.ts';
import { SqlSendingTransaction } from './sending-rows.ts';
import { SqlSessionTransaction } from './session-rows.ts';
import { SqlSsoTransaction } from './sso-rows.ts';
import { SqlSmsTransaction } from './sms-rows.ts';
import type { SqlSession } from './session.ts';
import { SqlTraceTransaction } from './trace-rows.ts';
import { SqlTrustTransaction } from './trust-rows.ts';

/** What a transaction needs from its backend beside SQL. */
export interface SectionScope {
  readonly session: SqlSession;
  readonly nowMs: number;
  /** Puts the message's blob and rows in place unless they are, and answers their key. */
  storeMessage(message: PreparedMessage): Promise<BlobKey>;
}

/** What the backend asks of a transaction once its operation has run. */
export interface SqlSectionTransaction {
  readonly nowMs: number;
  /** What watchers are told of after the commit. */
  readonly touched?: ReadonlySet<SectionKey>;
  /** How many references each blob gained or lost. */
  readonly references?: ReadonlyMap<BlobKey, number>;
}

export const openSection: Readonly<Record<SectionName, (scope: SectionScope) => SqlSectionTransaction>> = {
  audit: (scope) => new SqlAuditTransaction(scope),
  directory: ({ session, nowMs }) => new SqlDirectoryTransaction(session, nowMs),
  guesses: (scope) => new SqlGuessTransaction(scope),
  jmap: (scope) => new SqlJmapTransaction(scope),
  migration: (scope) => new SqlMigrationTransaction(scope),
  notices: (scope) => new SqlNoticeTransaction(scope),
  oauth: (scope) => new SqlGrantTransaction(scope),
  queue: (scope) => new SqlQueueTransaction(scope),
  sending: (scope) => new SqlSendingTransaction(scope),
  signin: (scope) => new SqlSessionTransaction(scope),
  sso: (scope) => new SqlSsoTransaction(scope),
  sms: (scope) => new SqlSmsTransaction(scope),
  trace: (scope) => new SqlTraceTransaction(scope),
  trust: (scope) => new SqlTrustTransaction(scope),
};
