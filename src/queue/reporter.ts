/** Tells senders what became of their messages (RFC 3461 §5, RFC 3464), and only those who want and can be told. */
import type { QueueId } from '#base/ids.ts';
import { composeDsn } from './dsn.ts';
import type { DsnReport, ReportedMessage } from './dsn.ts';
import { withoutReturnPath } from './return-path.ts';
import type { DeliveryFailure, QueuedMessage, QueuedRecipient } from './types.ts';

/** Sends a message of the system's own to one address, here or elsewhere; durable when it resolves. */
export type Post = (octets: Buffer, to: string, why: { readonly queueId: QueueId }) => Promise<void>;

export interface ReporterParts {
  readonly hostname: string;
  readonly post: Post;
  readonly readOctets: (queueId: QueueId) => Promise<Buffer>;
  /** The address of an account that forwards mail, whose failures are its own. */
  readonly addressOf: (accountId: NonNullable<QueuedMessage['forwardedBy']>) => Promise<string | undefined>;
}

export interface Reported {
  readonly recipient: QueuedRecipient;
  readonly failure: DeliveryFailure | null;
}

const NOTHING = Buffer.alloc(0);

export class Reporter {
  readonly #parts: ReporterParts;

  constructor(parts: ReporterParts) {
    this.#parts = parts;
  }

  /**
   * Whether a report was sent; false where nobody wants one. Rejects when it could not be posted. `octets`: of a
   * message that is not queued.
   */
  async report(
    report: Pick<DsnReport, 'kind' | 'message' | 'destination' | 'willRetryUntil' | 'nowMs'>,
    recipients: readonly Reported[],
    octets?: Buffer,
  ): Promise<boolean> {
    const { message, kind } = report;
    const told = recipients.filter(({ recipient }) => isWanted(kind, recipient));
    const to = await this.#recipientOf(message);
    if (to === undefined || told.length === 0) return false;
    // One that cannot be read any more is reported without it.
    const original = withoutReturnPath(octets ?? (await this.#parts.readOctets(message.queueId).catch(() => NOTHING)));
    const { hostname } = this.#parts;
    await this.#parts.post(composeDsn({ ...report, original, recipients: told }, { hostname }), to, message);
    return true;
  }

  async #recipientOf({ forwardedBy, reversePath }: ReportedMessage): Promise<string | undefined> {
    if (forwardedBy !== undefined) return this.#parts.addressOf(forwardedBy);
    // RFC 5321 §4.5.5: nothing answers the null path.
    return reversePath === '' ? undefined : reversePath;
  }
}

/** RFC 3461 §4.1; without NOTIFY failures and delays are told. */
function isWanted(kind: DsnReport['kind'], { notify }: QueuedRecipient): boolean {
  switch (kind) {
    case 'failed':
      return notify?.includes('FAILURE') ?? true;
    case 'delayed':
      return notify?.includes('DELAY') ?? true;
    case 'relayed':
    case 'delivered':
    case 'expanded':
      return notify?.includes('SUCCESS') ?? false;
  }
}
