/** In place of a vendor: what would be sent stands in the server's log and, for a demonstration, in its outbox. */
import type { Clock } from '#base/clock.ts';
import type { Logger } from '#base/log.ts';
import type { OutboxRow } from '#sms/ports/sms-store.ts';
import { sayByLog } from '#sms/texts.ts';
import type { SmsProvider } from '#sms/types.ts';

export function openLogProvider({
  log,
  clock,
  keep,
}: {
  readonly log: Logger;
  readonly clock: Clock;
  /** Where somebody can read it. */
  readonly keep: (row: OutboxRow) => Promise<void>;
}): SmsProvider {
  return {
    name: 'log',
    async send(message) {
      const { smsId, phone } = message;
      const text = sayByLog(message);
      log.info({ phone, text }, 'an SMS, sent to nobody: [sms] names no vendor');
      await keep({ smsId, phone, text, sentAt: clock.now() });
      return { kind: 'sent', providerId: smsId };
    },
    findReceipt: async () => undefined,
  };
}
