/** What happens to a message, in order. */
import { pendingRecipients } from './delivery.ts';
import type { Delivery, DeliveryStep, DeliverySurroundings } from './delivery.ts';
import { authenticate } from './steps/authenticate.ts';
import { addTrace } from './steps/add-trace.ts';
import { appendToMailboxes } from './steps/append-to-mailboxes.ts';
import { detectLoop } from './steps/detect-loop.ts';
import { passOnReports } from './steps/pass-on-reports.ts';
import { postToGroups } from './steps/post-to-groups.ts';
import { readReports } from './steps/read-reports.ts';
import { resolveRecipients } from './steps/resolve-recipients.ts';
import { skipDelivered } from './steps/skip-delivered.ts';

const steps: readonly DeliveryStep[] = [
  detectLoop,
  authenticate,
  // What it is worth (spam/).
  resolveRecipients,
  skipDelivered,
  addTrace,
  // Each recipient's filters: which mailbox, which keywords, whom to tell.
  appendToMailboxes,
  postToGroups,
  readReports,
  passOnReports,
];

/** Runs the steps until every recipient has an outcome. Rejects for bugs and outages: then nobody has the message. */
export async function runPipeline(delivery: Delivery, surroundings: DeliverySurroundings): Promise<void> {
  for (const step of steps) {
    if (pendingRecipients(delivery).length === 0) return;
    await step(delivery, surroundings);
  }
}
