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

const open = () => openTestStore('postgres', { operationsUrl: storeOperationsUrl });

mailStoreContract('postgres', open);
emailQueryContract('postgres', open, 15);
directoryStoreContract('postgres', open);
auditStoreContract('postgres', () => openTestStore('postgres'));
jmapStoreContract('postgres', () => openTestStore('postgres'));
queueStoreContract('postgres', () => openTestStore('postgres'));
sendingStoreContract('postgres', () => openTestStore('postgres'));
sessionStoreContract('postgres', () => openTestStore('postgres'));
grantStoreContract('postgres', () => openTestStore('postgres'));
migrationStoreContract('postgres', () => openTestStore('postgres'));
noticeStoreContract('postgres', () => openTestStore('postgres'));
ssoStoreContract('postgres', () => openTestStore('postgres'));
smsStoreContract('postgres', () => openTestStore('postgres'));
traceStoreContract('postgres', () => openTestStore('postgres'));
trustStoreContract('postgres', () => openTestStore('postgres'));
searchIndexContract('postgres', () => openTestStore('postgres'));
