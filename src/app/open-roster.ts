/** The roster of a system, and who takes accounts to their end. */
import { DAY_MS } from '#base/clock.ts';
import { errorText } from '#base/errors.ts';
import { repeat } from '#base/repeat.ts';
import { POPULATIONS } from '#directory/types.ts';
import type { Population } from '#directory/types.ts';
import { LifeKeeper } from '#roster/life-keeper.ts';
import { MAX_TROUBLES_TOLD } from '#roster/limits.ts';
import type { PlanSettings } from '#roster/plan-import.ts';
import { Roster } from '#roster/roster.ts';
import type { Config } from './config.ts';
import { deleteAccount, forgetAccount } from './delete-account.ts';
import { createPost } from './outbound.ts';
import type { ThreadSystem } from './system.ts';

const HOUR_MS = 3_600_000;

export function openRoster(system: ThreadSystem): Roster {
  const { config, directory, directoryStore, mail, clock, random, audit } = system;
  const { initialPasswords, initialDays, maxClosedPercent } = config.roster;
  return new Roster({
    store: directoryStore,
    directory,
    clock,
    random,
    settings: {
      ...findHomes(config),
      initialPasswords,
      initialLifeMs: initialDays === 0 ? null : initialDays * DAY_MS,
      maxClosedPercent,
    },
    onDone: ({ what, runId, source, actor, counts }) =>
      audit.record({
        action: 'administration.roster',
        actor: { kind: 'system', name: 'roster' },
        subject: `run ${runId}`,
        detail: { what, by: actor, source, ...counts },
      }),
    openMailbox: async (accountId) => {
      await mail.account(accountId).provision({ quotaBytes: config.limits.quotaBytes || null });
    },
    dropMailbox: (accountId) => forgetAccount(system, accountId),
  });
}

/** Where people of each kind are at home, and who of them must activate. */
export function findHomes({
  roster,
  realms,
}: Pick<Config, 'roster' | 'realms'>): Pick<PlanSettings, 'domains' | 'activates'> {
  const given = new Map(roster.domains);
  const domains = new Map<Population, string>();
  const activates = new Set<Population>();
  for (const population of POPULATIONS) {
    const domain = given.get(population) ?? realms.find(({ serviceClass }) => serviceClass === population)?.domain;
    if (domain === undefined) continue;
    domains.set(population, domain);
    const realm = realms.find((one) => one.domains.includes(domain));
    if (realm?.needsActivation ?? population === 'student') activates.add(population);
  }
  return { domains, activates };
}

/** Pulls the whole directory now and then; what the guard refuses waits for an operator. */
export function pullRoster(system: ThreadSystem): { stop(): Promise<void> } {
  const { config, clock, log, metrics } = system;
  const { ldap, ldapEveryHours } = config.roster;
  if (ldap === null || ldapEveryHours === 0) return { async stop() {} };
  const repetition = repeat({
    clock,
    pauseMs: () => ldapEveryHours * HOUR_MS,
    async run() {
      const { readLdap } = await import('#roster/ldap-source.ts');
      const roster = openRoster(system);
      const people = await roster.readRows(await readLdap(ldap, null));
      const plan = await roster.plan(people, people.troubles.length > 0);
      for (const trouble of plan.troubles.slice(0, MAX_TROUBLES_TOLD))
        log.warn({ ...trouble }, 'a person was left out');
      if (plan.changes.length === 0) return;
      const { runId, counts } = await roster.apply(plan, { source: ldap.url, sourceHash: '', actor: 'schedule' });
      log.info({ runId, ...counts }, 'the roster was pulled');
    },
    onFailure(error) {
      metrics.count('campusmail_roster_pulls_failed_total');
      log.error({ err: errorText(error) }, 'the roster could not be pulled');
    },
  });
  return {
    async stop() {
      repetition.stop();
      await repetition.settled();
    },
  };
}

/** Begins when the server has been up for a while: what was due has time. */
export function keepLives(system: ThreadSystem): { stop(): Promise<void> } {
  const { config, directoryStore, clock, random, log, metrics, audit } = system;
  const keeper = new LifeKeeper({
    store: directoryStore,
    rules: config.roster.life,
    post: createPost(system),
    purge: (accountId) => deleteAccount(system, accountId),
    onStage: (accountId, stage) =>
      audit.record({
        action: stage === 'purged' ? 'identity.account-deleted' : 'identity.account-changed',
        actor: { kind: 'system', name: 'life cycle' },
        accountId,
        subject: `#${accountId}`,
        detail: { stage },
      }),
    hostname: config.hostname,
    clock,
    random,
    log,
    metrics,
  });
  const repetition = repeat({
    clock,
    // Days are what is counted: an hour more or less is nothing.
    pauseMs: () => HOUR_MS,
    run: (isStopped) => keeper.run(isStopped),
    onFailure: (error) => log.error({ err: errorText(error) }, 'accounts could not go on to their end'),
  });
  return {
    async stop() {
      repetition.stop();
      await repetition.settled();
    },
  };
}
