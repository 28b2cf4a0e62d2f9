/** The boxes of departments, and those who answer for them, are looked after while the server runs. */
import { errorText } from '#base/errors.ts';
import { repeat } from '#base/repeat.ts';
import { BoxKeeper } from '#roster/box-keeper.ts';
import type { ThreadSystem } from './system.ts';
import { createTell } from './tell-account.ts';

const HOUR_MS = 3_600_000;

export function keepBoxes(system: ThreadSystem): { stop(): Promise<void> } {
  const { config, directoryStore, clock, log, audit } = system;
  const { boxVacantDays, boxReview } = config.roster;
  const keeper = new BoxKeeper({
    store: directoryStore,
    vacantDays: boxVacantDays,
    asksInDecember: boxReview,
    tell: createTell(system),
    onVacant: (accountId, vacantUntil) =>
      audit.record({
        action: 'identity.account-changed',
        actor: { kind: 'system', name: 'department mailboxes' },
        accountId,
        subject: `#${accountId}`,
        detail: { vacantUntil },
      }),
    clock,
    log,
  });
  const repetition = repeat({
    clock,
    pauseMs: () => HOUR_MS,
    run: (isStopped) => keeper.run(isStopped),
    onFailure: (error) => log.error({ err: errorText(error) }, 'department mailboxes could not be looked after'),
  });
  return {
    async stop() {
      repetition.stop();
      await repetition.settled();
    },
  };
}
