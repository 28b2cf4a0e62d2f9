/** The session object (RFC 8620 §2): what there is, for whom, and where. */
import { createHash } from 'node:crypto';
import type { AccountId } from '#base/ids.ts';
import { writesAs } from '#directory/delegation.ts';
import type { SharedAccount } from '#directory/delegation.ts';
import { CAPABILITIES, type Session, type SessionAccount } from '#contract/jmap/core.ts';
import type { DeletionCapability } from '#contract/jmap/deletion.ts';
import type { ProblemReportCapability } from '#contract/jmap/problem-report.ts';
import { JMAP_LIMITS } from '#jmap/limits.ts';
import { MAIL_LIMITS } from '#mail/limits.ts';
import { isReadOnly } from './accounts.ts';
import { formatAccountId } from './ids.ts';

export interface SessionFacts {
  /** Those of others, by id. */
  readonly shared: readonly SharedAccount[];
  readonly accountId: AccountId;
  /** The address that signed in. */
  readonly username: string;
  /** What the account is called in lists: its name, or its address. */
  readonly name: string;
  /** Nothing in it can be changed any more. */
  readonly isReadOnly: boolean;
  /** `https://mail.example.edu`: the host the client came by, so that staff and students each stay at theirs. */
  readonly origin: string;
  /** Octets of one upload. */
  readonly maxUploadBytes: number;
  /** The longest a message may be put off, seconds. */
  readonly maxDelayedSend: number;
  /** How long mail is kept that is on its way out. */
  readonly kept: DeletionCapability;
  /** Whether there is a help desk that takes reports of problems. */
  readonly takesReports: boolean;
  /** By which push services know us (RFC 8292): base64url. */
  readonly applicationServerKey: string;
}

/** What every account here can do, by capability. */
function accountCapabilities({
  maxUploadBytes,
  maxDelayedSend,
  kept,
  isReadOnly: isArchive,
  takesReports,
}: SessionFacts): Readonly<Record<string, object>> {
  return {
    [CAPABILITIES.mail]: {
      maxMailboxesPerEmail: null,
      maxMailboxDepth: MAIL_LIMITS.mailboxDepth,
      maxSizeMailboxName: MAIL_LIMITS.mailboxNameBytes,
      maxSizeAttachmentsPerEmail: maxUploadBytes,
      emailQuerySortOptions: EMAIL_SORT_OPTIONS,
      mayCreateTopLevelMailbox: true,
    },
    [CAPABILITIES.submission]: {
      maxDelayedSend,
      submissionExtensions: { FUTURERELEASE: [], DELIVERYBY: [], 'MT-PRIORITY': ['MIXER'], DSN: [], SIZE: [] },
    },
    [CAPABILITIES.vacationResponse]: {},
    [CAPABILITIES.quota]: {},
    [CAPABILITIES.blob]: {
      // Pieces of an upload that was cut are put together by it (RFC 9404 §4.1).
      maxSizeBlobSet: maxUploadBytes,
      maxDataSources: JMAP_LIMITS.dataSources,
      supportedTypeNames: BLOB_TYPES,
      supportedDigestAlgorithms: Object.keys(DIGEST_ALGORITHMS),
    },
    [CAPABILITIES.mdn]: {},
    [CAPABILITIES.forwarding]: {},
    [CAPABILITIES.delegation]: {},
    [CAPABILITIES.filters]: {},
    [CAPABILITIES.trace]: {},
    [CAPABILITIES.migration]: {},
    [CAPABILITIES.deletions]: isArchive ? { ...kept, trashDays: 0, junkDays: 0 } : kept,
    [CAPABILITIES.listUnsubscribe]: {},
    [CAPABILITIES.problemReports]: { isTaken: takesReports } satisfies ProblemReportCapability,
    // RFC 9610 §1.4.1.
    [CAPABILITIES.contacts]: { maxAddressBooksPerCard: null, mayCreateAddressBook: true },
    [CAPABILITIES.contactFiles]: {},
    [CAPABILITIES.directory]: {},
  };
}

/** RFC 8621 §1.3.1: what Email/query sorts by. `relevance` is ours: the least first, so it is asked for descending. */
export const EMAIL_SORT_OPTIONS = [
  'receivedAt',
  'sentAt',
  'size',
  'from',
  'to',
  'subject',
  'hasKeyword',
  'allInThreadHaveKeyword',
  'someInThreadHaveKeyword',
  'relevance',
] as const;

/** RFC 9404 §4.3: types whose objects are found by a blob of theirs. */
export const BLOB_TYPES = ['Mailbox', 'Thread', 'Email'] as const;

/** RFC 9404 §4.2: by their names in the registry of HTTP digests. */
export const DIGEST_ALGORITHMS: Readonly<Record<string, string>> = {
  sha: 'sha1',
  'sha-256': 'sha256',
  'sha-512': 'sha512',
};

/** Capabilities a request may name. */
export const KNOWN_CAPABILITIES: ReadonlySet<string> = new Set([
  CAPABILITIES.core,
  CAPABILITIES.mail,
  CAPABILITIES.submission,
  CAPABILITIES.vacationResponse,
  CAPABILITIES.quota,
  CAPABILITIES.blob,
  CAPABILITIES.mdn,
  CAPABILITIES.forwarding,
  CAPABILITIES.delegation,
  CAPABILITIES.filters,
  CAPABILITIES.trace,
  CAPABILITIES.migration,
  CAPABILITIES.deletions,
  CAPABILITIES.listUnsubscribe,
  CAPABILITIES.problemReports,
  CAPABILITIES.contacts,
  CAPABILITIES.contactFiles,
  CAPABILITIES.directory,
  CAPABILITIES.websocket,
  CAPABILITIES.webPushVapid,
]);

export function describeSession(facts: SessionFacts): Session {
  const { username, name, origin, maxUploadBytes } = facts;
  const accountId = formatAccountId(facts.accountId);
  const ofAccount = accountCapabilities(facts);
  const ofOwn = facts.isReadOnly ? withoutChanges(ofAccount) : ofAccount;
  const capabilities: Record<string, object> = {
    [CAPABILITIES.core]: {
      maxSizeUpload: maxUploadBytes,
      maxConcurrentUpload: JMAP_LIMITS.concurrentRequests,
      maxSizeRequest: JMAP_LIMITS.requestBytes,
      maxConcurrentRequests: JMAP_LIMITS.concurrentRequests,
      maxCallsInRequest: JMAP_LIMITS.callsInRequest,
      maxObjectsInGet: JMAP_LIMITS.objectsInGet,
      maxObjectsInSet: JMAP_LIMITS.objectsInSet,
      collationAlgorithms: ['i;ascii-casemap', 'i;unicode-casemap'],
    },
    // RFC 8887 §3.
    [CAPABILITIES.websocket]: { url: `${origin.replace(/^http/, 'ws')}/jmap/ws`, supportsPush: true },
    // RFC 9749 §3.
    [CAPABILITIES.webPushVapid]: { applicationServerKey: facts.applicationServerKey },
  };
  for (const capability of Object.keys(ofAccount)) capabilities[capability] = {};
  const session = {
    capabilities,
    accounts: {
      [accountId]: { name, isPersonal: true, isReadOnly: facts.isReadOnly, accountCapabilities: ofOwn },
      ...Object.fromEntries(
        facts.shared.map((share) => [formatAccountId(share.accountId), describeShared(share, ofAccount)]),
      ),
    },
    primaryAccounts: Object.fromEntries(Object.keys(ofOwn).map((capability) => [capability, accountId])),
    username,
    apiUrl: `${origin}/jmap/api`,
    downloadUrl: `${origin}/jmap/download/{accountId}/{blobId}/{name}?type={type}`,
    uploadUrl: `${origin}/jmap/upload/{accountId}`,
    eventSourceUrl: `${origin}/jmap/events?types={types}&closeafter={closeafter}&ping={ping}`,
  };
  return { ...session, state: hashOf(session) };
}

/** What is good for nothing where nothing can be changed. */
const FOR_CHANGES: ReadonlySet<string> = new Set([
  CAPABILITIES.submission,
  CAPABILITIES.vacationResponse,
  CAPABILITIES.mdn,
  CAPABILITIES.forwarding,
  CAPABILITIES.delegation,
  CAPABILITIES.filters,
  CAPABILITIES.listUnsubscribe,
  CAPABILITIES.problemReports,
]);

function withoutChanges(ofAccount: Readonly<Record<string, object>>): Readonly<Record<string, object>> {
  return Object.fromEntries(Object.entries(ofAccount).filter(([capability]) => !FOR_CHANGES.has(capability)));
}

/** What there is in an account of others: its mail, and sending where one may write as it. */
function describeShared(share: SharedAccount, ofAccount: Readonly<Record<string, object>>): SessionAccount {
  const isSending = writesAs(share) !== undefined && !isReadOnly(share);
  const capabilities: string[] = [CAPABILITIES.mail, CAPABILITIES.quota, CAPABILITIES.blob];
  if (isSending) capabilities.push(CAPABILITIES.submission);
  if (!isReadOnly(share)) capabilities.push(CAPABILITIES.deletions);
  if (share.rights.has('manage')) capabilities.push(CAPABILITIES.delegation);
  const accountCapabilities = Object.fromEntries(capabilities.map((name) => [name, ofAccount[name] ?? {}]));
  const { displayName, address } = share;
  return {
    name: displayName === '' ? address : displayName,
    isPersonal: false,
    isReadOnly: isReadOnly(share),
    accountCapabilities,
  };
}

/** Another string whenever anything of it changes. */
function hashOf(session: object): string {
  return createHash('sha256').update(JSON.stringify(session)).digest('base64url').slice(0, 16);
}
