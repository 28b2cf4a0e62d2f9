/** Accounts that nobody uses are warned of it and frozen, once a day, by one of the machines. */
import { errorText } from '#base/errors.ts';
import { repeat } from '#base/repeat.ts';
import { IdleKeeper } from '#roster/idle-keeper.ts';
import type { ThreadSystem } from './system.ts';
import { createTell } from './tell-account.ts';

const HOUR_MS = 3_600_000;

export function openIdleKeeper(system: ThreadSystem): IdleKeeper {
  const { config, directory, directoryStore, journal, selfService, sms, audit } = system;
  return new IdleKeeper({
    ...system,
    store: directoryStore,
    rules: config.roster.idle,
    maxPercent: config.roster.maxClosedPercent,
    lastSignIns: (accountIds) => journal.lastSignIns(accountIds),
    classOf: async (accountId) => (await directory.senderStanding(accountId))?.serviceClass,
    isExempt: async (accountId) =>
      (await directory.isArchived(accountId)) ||
      (await directory.findAddress(config.auth.postmaster))?.accountId === accountId,
    tell: createTell(system),
    async tellBySms(accountId) {
      const phone = config.roster.idleSms ? await selfService.phoneOf(accountId) : undefined;
      if (phone !== undefined) await sms.notify(phone, 'mailboxIdle');
    },
    onStage: (accountId, stage) =>
      audit.record({
        action: 'identity.account-changed',
        actor: { kind: 'system', name: 'idle accounts' },
        accountId,
        subject: `#${accountId}`,
        detail: { stage, reason: 'idle' },
      }),
  });
}

export function keepIdles(system: ThreadSystem): { stop(): Promise<void> } {
  const { config, directory, clock, log } = system;
  if (config.roster.idle.length === 0) return { async stop() {} };
  const keeper = openIdleKeeper(system);
  const repetition = repeat({
    clock,
    pauseMs: () => HOUR_MS,
    async run(isStopped) {
      const day = new Date(clock.now()).toISOString().slice(0, 10);
      // What one run may freeze is what a day may.
      if (await directory.claimNotice(`idle ${day}`, null)) await keeper.run(isStopped);
    },
    onFailure: (error) => log.error({ err: errorText(error) }, 'accounts that nobody uses could not be looked at'),
  });
  return {
    async stop() {
      repetition.stop();
      await repetition.settled();
    },
  };
}
