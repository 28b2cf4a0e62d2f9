/**
 * What happens when an account sends too much: it is told and so is the postmaster, once an incident; and when it goes on
 * all the same, which people do not and stolen accounts do, sending stops. Reading and receiving go on.
 */
import type { Clock } from '#base/clock.ts';
import type { AccountId } from '#base/ids.ts';
import type { Logger } from '#base/log.ts';
import type { Metrics } from '#base/metrics.ts';
import type { Random } from '#base/random.ts';
import { randomId } from '#base/random.ts';
import type { Directory, SenderStanding } from '#directory/directory.ts';
import { composeMessage } from '#mime/compose.ts';
import type { Queue } from '#queue/queue.ts';
import type { TraceRecorder } from '#trace/recorder.ts';
import type { Excess } from './send-limits.ts';
import type { SendingLedger } from './sending-ledger.ts';
import { notices, postmasterOf, texts } from './texts.ts';
import type { Notice } from './texts.ts';

export interface OveruseParts {
  readonly directory: Pick<Directory, 'suspendSending'>;
  readonly queue: Pick<Queue, 'manage'>;
  readonly ledger: Pick<SendingLedger, 'refuse'>;
  /** Sends a message of the system's own to one address. */
  readonly post: (octets: Buffer, to: string) => Promise<void>;
  readonly trace: TraceRecorder;
  readonly hostname: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** Messages refused in one incident after which sending stops; 0: never. */
  readonly suspendAfter: number;
}

/** Nothing leaves in the account's name any more, and what waits to leave waits for a person. */
export async function suspendSending(
  { directory, queue, trace }: Pick<OveruseParts, 'directory' | 'queue' | 'trace'>,
  accountId: AccountId,
  reason: string,
): Promise<{ readonly isNew: boolean; readonly held: number }> {
  const isNew = await directory.suspendSending(accountId, reason);
  // Also when it was suspended before: what was under way then, and failed for the time being, waits again.
  const { changed: held } = await queue.manage('hold', { accountId }, { by: 'sending suspended', trace });
  return { isNew, held };
}

export class Overuse {
  readonly #parts: OveruseParts;

  constructor(parts: OveruseParts) {
    this.#parts = parts;
  }

  /** A message was refused: to be called once for it. What fails here is logged; the refusal stands by itself. */
  async note(accountId: AccountId, standing: SenderStanding, excess: Excess): Promise<void> {
    const { ledger, log, metrics, suspendAfter } = this.#parts;
    try {
      const { refusals } = await ledger.refuse(accountId);
      log.warn({ accountId, ...excess, refusals }, 'account sends too much');
      if (refusals === 1) {
        metrics.count('campusmail_sending_incidents_total', { window: excess.window });
        await this.#tell(standing, notices.limited(standing.addresses[0] ?? '', excess));
      }
      // One of those that are refused at once has this number; should it fail, the next but so many tries again.
      if (suspendAfter > 0 && refusals % suspendAfter === 0) await this.#suspend(accountId, standing, refusals);
    } catch (error) {
      log.error({ err: error, accountId }, 'nobody could be told that an account sends too much');
    }
  }

  async #suspend(accountId: AccountId, standing: SenderStanding, refusals: number): Promise<void> {
    const { log, metrics } = this.#parts;
    const { zh, en } = texts.wentOn(refusals);
    const { isNew, held } = await suspendSending(this.#parts, accountId, `${zh} / ${en}`);
    if (!isNew) return;
    metrics.count('campusmail_sending_suspended_total');
    log.warn({ accountId, refusals, held }, 'sending suspended');
    await this.#tell(standing, notices.suspended(standing.addresses[0] ?? '', refusals, held));
  }

  /** The account, and the postmaster of the default domain. */
  async #tell({ addresses: [address = ''] }: SenderStanding, { subject, text }: Notice): Promise<void> {
    const { post, hostname, clock, random } = this.#parts;
    for (const to of [address, 'postmaster']) {
      if (to === '') continue;
      const octets = composeMessage({
        from: { name: '邮件系统 Mail System', email: postmasterOf(address) },
        to: [{ name: '', email: to === 'postmaster' ? postmasterOf(address) : to }],
        subject,
        text,
        dateMs: clock.now(),
        messageId: `${randomId(random, 16)}@${hostname}`,
        // RFC 3834 §5.
        headers: [['Auto-Submitted', 'auto-generated']],
      });
      await post(octets, to);
    }
  }
}
