/** Ids and states as strings (RFC 8620 §1.2, §2): those of the mailbox are IMAP's OBJECTIDs, the account's begins with `A`. */
import type { AccountId, ModSeq } from '#base/ids.ts';

export {
  formatEmailObjectId as formatEmailId,
  formatMailboxObjectId as formatMailboxId,
  formatThreadObjectId as formatThreadId,
  parseEmailObjectId as parseEmailId,
  parseMailboxObjectId as parseMailboxId,
  parseThreadObjectId as parseThreadId,
} from '#mail/object-id.ts';

export function formatAccountId(accountId: AccountId): string {
  return `A${accountId}`;
}

/** Mail's state is the account's modSeq: what IMAP calls HIGHESTMODSEQ tells of the same changes. */
export function formatState(modSeq: ModSeq): string {
  return String(modSeq);
}

/** Undefined for what was never a state. */
export function parseState(state: string): ModSeq | undefined {
  return /^(?:0|[1-9]\d{0,15})$/.test(state) ? (Number(state) as ModSeq) : undefined;
}
