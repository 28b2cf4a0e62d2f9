/** What opening any backend gives. */
import type { AuditStore } from '#audit/ports/audit-store.ts';
import type { DirectoryStore } from '#directory/ports/directory-store.ts';
import type { AccountId, EmailId } from '#base/ids.ts';
import type { GuessStore } from '#guesses/ports/guess-store.ts';
import type { JmapStore } from '#jmap/ports/jmap-store.ts';
import type { MailStore } from '#mail/ports/mail-store.ts';
import type { NoticeStore } from '#notices/ports/notice-store.ts';
import type { GrantStore } from '#oauth/ports/grant-store.ts';
import type { QueueStore } from '#queue/ports/queue-store.ts';
import type { SearchIndex } from '#search/ports/search-index.ts';
import type { SessionStore } from '#signin/ports/session-store.ts';
import type { MigrationStore } from '#migration/ports/migration-store.ts';
import type { SsoStore } from '#sso/ports/sso-store.ts';
import type { SmsStore } from '#sms/ports/sms-store.ts';
import type { SendingStore } from '#submission/ports/sending-store.ts';
import type { TraceStore } from '#trace/ports/trace-store.ts';
import type { TrustStore } from '#trust/ports/trust-store.ts';

/** The stores, as an engine's thread uses them. */
export interface StoreClient {
  readonly mail: MailStore;
  readonly audit: AuditStore;
  readonly directory: DirectoryStore;
  readonly guesses: GuessStore;
  readonly jmap: JmapStore;
  readonly migration: MigrationStore;
  readonly notices: NoticeStore;
  readonly oauth: GrantStore;
  readonly queue: QueueStore;
  readonly sending: SendingStore;
  readonly signin: SessionStore;
  readonly sso: SsoStore;
  readonly sms: SmsStore;
  readonly trace: TraceStore;
  readonly trust: TrustStore;
  readonly search: SearchIndex;
  close(): Promise<void>;
}

export interface OpenedStore extends StoreClient {
  readonly maintenance: Maintenance;
}

export interface Maintenance {
  /** Drops blobs nobody refers to, rewrites segments that are mostly dead and trims change logs. Safe while serving. */
  collectGarbage(options?: { readonly graceMs?: number }): Promise<GarbageReport>;
  /** Reads every blob and compares it with its name; yields progress and each damaged blob. */
  scrub(): AsyncIterable<ScrubEvent>;
  /** A consistent copy of everything into `toDir` (which must not exist), while serving. */
  backup(toDir: string): Promise<BackupReport>;
  /** Writes a little to every place that mail is written to. Throws `unavailable` with the reason when it cannot be. */
  probe(): Promise<void>;
}

export interface GarbageReport {
  readonly droppedBlobs: number;
  readonly removedSegments: number;
  /** Length of the removed segment files. */
  readonly freedBytes: number;
  readonly droppedChanges: number;
}

export type ScrubEvent =
  | {
      readonly kind: 'progress';
      readonly checkedBlobs: number;
      readonly totalBlobs: number;
      readonly checkedBytes: number;
    }
  | {
      readonly kind: 'damage';
      readonly hash: string;
      readonly segment: number;
      readonly reason: string;
      readonly hurt: readonly { readonly accountId: AccountId; readonly emailId: EmailId }[];
    };

export interface BackupReport {
  readonly blobs: number;
  readonly segmentBytes: number;
}
