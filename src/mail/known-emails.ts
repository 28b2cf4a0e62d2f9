/**
 * Which messages an account has already, for those who bring more: by size and date of arrival, and then by their octets.
 * 16 octets for each Email; what comes later it does not know.
 */
import type { EmailId } from '#base/ids.ts';
import type { MailAccount } from './account.ts';

const PAGE = 1000;

export class KnownEmails {
  readonly #account: MailAccount;
  /** By receivedAt, then id. */
  readonly #receivedAt: Float64Array;
  readonly #sizes: Float64Array;
  readonly #emailIds: Uint32Array;
  /** Those that have answered for a message. */
  readonly #taken = new Set<EmailId>();

  private constructor(account: MailAccount, rows: readonly (readonly [number, number, EmailId])[]) {
    this.#account = account;
    this.#receivedAt = Float64Array.from(rows, ([receivedAt]) => receivedAt);
    this.#sizes = Float64Array.from(rows, ([, sizeBytes]) => sizeBytes);
    this.#emailIds = Uint32Array.from(rows, ([, , emailId]) => emailId);
  }

  /** Emails with `fromEmailId` and above. */
  static async read(account: MailAccount, fromEmailId = 1): Promise<KnownEmails> {
    const { nextEmailId } = await account.status();
    const rows: [number, number, EmailId][] = [];
    for (let first = fromEmailId; first < nextEmailId; first += PAGE) {
      const ids = Array.from({ length: Math.min(PAGE, nextEmailId - first) }, (_, i) => (first + i) as EmailId);
      for (const { emailId, sizeBytes, receivedAt } of await account.emails(ids))
        rows.push([receivedAt, sizeBytes, emailId]);
    }
    return new KnownEmails(
      account,
      rows.toSorted((a, b) => a[0] - b[0] || a[2] - b[2]),
    );
  }

  /** By id. */
  find(receivedAt: number, sizeBytes: number): EmailId[] {
    let [low, high] = [0, this.#receivedAt.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#receivedAt[middle] as number) < receivedAt) low = middle + 1;
      else high = middle;
    }
    const found: EmailId[] = [];
    for (let i = low; this.#receivedAt[i] === receivedAt; i++)
      if (this.#sizes[i] === sizeBytes) found.push(this.#emailIds[i] as EmailId);
    return found;
  }

  /** Whenever they came, at most `limit`. */
  ofSize(sizeBytes: number, limit: number): EmailId[] {
    const found: EmailId[] = [];
    for (let i = this.#sizes.indexOf(sizeBytes); i !== -1 && found.length < limit;) {
      found.push(this.#emailIds[i] as EmailId);
      i = this.#sizes.indexOf(sizeBytes, i + 1);
    }
    return found;
  }

  /** The Email that is this message and came at that time; each answers for one message only. */
  async take(octets: Buffer, receivedAt: number): Promise<EmailId | undefined> {
    const free = this.find(receivedAt, octets.length).filter((emailId) => !this.#taken.has(emailId));
    const emailId = await findSame(this.#account, octets, free);
    if (emailId !== undefined) this.#taken.add(emailId);
    return emailId;
  }
}

/** The first that holds just these octets. */
export async function findSame(
  account: MailAccount,
  octets: Buffer,
  candidates: readonly EmailId[],
): Promise<EmailId | undefined> {
  for (const emailId of candidates) {
    // Gone or damaged since: then it is not known to be this one.
    const stored = await account.readMessage(emailId).catch(() => undefined);
    if (stored?.equals(octets) === true) return emailId;
  }
  return undefined;
}
