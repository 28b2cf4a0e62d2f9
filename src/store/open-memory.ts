/** A store in memory: the readable model of the others, and the quick one for tests. Nothing outlives the process. */
import { type Clock, systemClock } from '#base/clock.ts';
import { MailError } from '#base/errors.ts';
import { type Logger, silentLog } from '#base/log.ts';
import { MemoryAuditStore } from './memory/audit-store.ts';
import { MemoryDirectoryStore } from './memory/directory-store.ts';
import { MemoryGrantStore } from './memory/grant-store.ts';
import { MemoryGuessStore } from './memory/guess-store.ts';
import { MemoryJmapStore } from './memory/jmap-store.ts';
import { MemoryMailStore } from './memory/mail-store.ts';
import { MemoryQueueStore } from './memory/queue-store.ts';
import { MemorySearchIndex } from './memory/search-index.ts';
import { MemorySendingStore } from './memory/sending-store.ts';
import { MemorySessionStore } from './memory/session-store.ts';
import { MemoryMigrationStore } from './memory/migration-store.ts';
import { MemoryNoticeStore } from './memory/notice-store.ts';
import { MemorySsoStore } from './memory/sso-store.ts';
import { MemorySmsStore } from './memory/sms-store.ts';
import { MemoryTraceStore } from './memory/trace-store.ts';
import { MemoryTrustStore } from './memory/trust-store.ts';
import type { OpenedStore, ScrubEvent } from './opened-store.ts';
import { loadOperations } from './operations.ts';

export interface MemoryStoreOptions {
  readonly log?: Logger;
  readonly clock?: Clock;
  /** For tests: a module that exports `mailOperations` and `directoryOperations` in place of the real ones. */
  readonly operationsUrl?: string;
}

export async function openMemoryStore(options: MemoryStoreOptions = {}): Promise<OpenedStore> {
  const { log = silentLog, clock = systemClock } = options;
  const operations = await loadOperations(options.operationsUrl);
  const mail = new MemoryMailStore(operations, clock, log);
  const queue = new MemoryQueueStore({ operations, clock, blobs: mail });
  const jmap = new MemoryJmapStore({ operations, clock, blobs: mail });
  mail.shareBlobs(() => [...queue.blobKeys, ...jmap.blobKeys]);
  return {
    mail,
    audit: new MemoryAuditStore({ operations, clock }),
    directory: new MemoryDirectoryStore(operations, clock),
    jmap,
    oauth: new MemoryGrantStore({ operations, clock }),
    queue,
    sending: new MemorySendingStore({ operations, clock }),
    signin: new MemorySessionStore({ operations, clock }),
    migration: new MemoryMigrationStore({ operations, clock }),
    notices: new MemoryNoticeStore({ operations, clock }),
    sso: new MemorySsoStore({ operations, clock }),
    guesses: new MemoryGuessStore({ operations, clock }),
    sms: new MemorySmsStore({ operations, clock }),
    trace: new MemoryTraceStore({ operations, clock }),
    trust: new MemoryTrustStore({ operations, clock }),
    search: new MemorySearchIndex(mail.reader),
    maintenance: {
      async collectGarbage() {
        return { droppedBlobs: mail.dropUnreferenced(), removedSegments: 0, freedBytes: 0, droppedChanges: 0 };
      },
      async *scrub(): AsyncGenerator<ScrubEvent> {},
      async probe() {},
      async backup() {
        throw new MailError('invalid', 'A store in memory has no backup');
      },
    },
    close: () => mail.close(),
  };
}
