/** The contracts of the ports against this backend. */
import { auditStoreContract } from '#test/contract/audit-store.ts';
import { directoryStoreContract } from '#test/contract/directory-store.ts';
import { jmapStoreContract } from '#test/contract/jmap-store.ts';
import { emailQueryContract } from '#test/contract/email-queries.ts';
import { mailStoreContract } from '#test/contract/mail-store.ts';
import { queueStoreContract } from '#test/contract/queue-store.ts';
import { sendingStoreContract } from '#test/contract/sending-store.ts';
import { sessionStoreContract } from '#test/contract/session-store.ts';
import { grantStoreContract } from '#test/contract/grant-store.ts';
import { migrationStoreContract } from '#test/contract/migration-store.ts';
import { noticeStoreContract } from '#test/contract/notice-store.ts';
import { ssoStoreContract } from '#test/contract/sso-store.ts';
import { smsStoreContract } from '#test/contract/sms-store.ts';
import { storeOperationsUrl } from '#test/contract/store-operations.ts';
import { traceStoreContract } from '#test/contract/trace-store.ts';
import { trustStoreContract } from '#test/contract/trust-store.ts';
import { searchIndexContract } from '#test/contract/search-index.ts';
import { openTestStore } from '#test/harness/stores.ts';

const open = () => openTestStore('memory', { operationsUrl: storeOperationsUrl });

mailStoreContract('memory', open);
emailQueryContract('memory', open, 60);
directoryStoreContract('memory', open);
auditStoreContract('memory', () => openTestStore('memory'));
jmapStoreContract('memory', () => openTestStore('memory'));
queueStoreContract('memory', () => openTestStore('memory'));
sendingStoreContract('memory', () => openTestStore('memory'));
sessionStoreContract('memory', () => openTestStore('memory'));
grantStoreContract('memory', () => openTestStore('memory'));
migrationStoreContract('memory', () => openTestStore('memory'));
noticeStoreContract('memory', () => openTestStore('memory'));
ssoStoreContract('memory', () => openTestStore('memory'));
smsStoreContract('memory', () => openTestStore('memory'));
traceStoreContract('memory', () => openTestStore('memory'));
trustStoreContract('memory', () => openTestStore('memory'));
searchIndexContract('memory', () => openTestStore('memory'));
