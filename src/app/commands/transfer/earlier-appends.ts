/**
 * The Emails that an import may have appended without its ledger knowing, because it was killed in between: those
 * whose ids came after the ledger's last line. A message among them is recognised by its size, its date and its octets.
 */
import { hash } from 'node:crypto';
import type { EmailId } from '#base/ids.ts';
import type { MailAccount } from '#mail/account.ts';

const PAGE = 1000;

export class EarlierAppends {
  readonly #account: MailAccount;
  readonly #candidates = new Map<string, EmailId[]>();

  private constructor(account: MailAccount) {
    this.#account = account;
  }

  /** Emails with `fromEmailId` and above. */
  static async find(account: MailAccount, fromEmailId: number): Promise<EarlierAppends> {
    const found = new EarlierAppends(account);
    const { nextEmailId } = await account.status();
    for (let first = fromEmailId; first < nextEmailId; first += PAGE) {
      const ids = Array.from({ length: Math.min(PAGE, nextEmailId - first) }, (_, i) => (first + i) as EmailId);
      for (const { emailId, sizeBytes, receivedAt } of await account.emails(ids)) {
        const key = `${sizeBytes} ${receivedAt}`;
        const same = found.#candidates.get(key);
        if (same === undefined) found.#candidates.set(key, [emailId]);
        else same.push(emailId);
      }
    }
    return found;
  }

  /** Whether this message is among them; each of them answers for one message only. */
  async take(octets: Buffer, receivedAt: number): Promise<boolean> {
    const candidates = this.#candidates.get(`${octets.length} ${receivedAt}`);
    if (candidates === undefined) return false;
    const wanted = hash('sha256', octets, 'hex');
    for (const [i, emailId] of candidates.entries()) {
      // Gone or damaged since: then it is not known to be this one.
      const stored = await this.#account.readMessage(emailId).catch(() => undefined);
      if (stored === undefined || hash('sha256', stored, 'hex') !== wanted) continue;
      candidates.splice(i, 1);
      return true;
    }
    return false;
  }
}
