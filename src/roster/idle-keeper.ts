/**
 * Warns the owners of accounts that nobody uses, and freezes them. Where more would be frozen in one run than the guard allows,
 * none is: a record of sign-ins that was lost must not close a university.
 */
import type { Clock } from '#base/clock.ts';
import { DAY_MS } from '#base/clock.ts';
import type { AccountId } from '#base/ids.ts';
import type { Logger } from '#base/log.ts';
import type { Metrics } from '#base/metrics.ts';
import { formatAddress } from '#directory/address.ts';
import type { DirectoryOperations } from '#directory/operations.ts';
import type { DirectoryStore } from '#directory/ports/directory-store.ts';
import type { DirectoryAccountRow, IdleRow, ServiceClass } from '#directory/types.ts';
import { formatDay } from './days.ts';
import { planIdle } from './idle-plan.ts';
import type { IdleEvent, IdleRule } from './idle-plan.ts';
import { IDLES_AT_ONCE } from './limits.ts';
import { mayClose } from './plan-import.ts';
import { idleNotice } from './texts.ts';
import type { Notice } from './texts.ts';

export interface IdleKeeperParts {
  readonly store: DirectoryStore;
  readonly rules: readonly IdleRule[];
  /** Of a hundred active accounts, how many one run may freeze; one always. */
  readonly maxPercent: number;
  readonly lastSignIns: (accountIds: readonly AccountId[]) => Promise<ReadonlyMap<AccountId, number>>;
  readonly classOf: (accountId: AccountId) => Promise<ServiceClass | undefined>;
  /** Whether it is one that nobody need sign in to: an archive's, the postmaster's. */
  readonly isExempt: (accountId: AccountId) => Promise<boolean>;
  /** By mail to the account itself. */
  readonly tell: (accountId: AccountId, notice: Notice) => Promise<void>;
  /** By SMS, where the school wants it and a telephone is bound. */
  readonly tellBySms: (accountId: AccountId) => Promise<void>;
  /** Told of each account that is frozen, for the record. */
  readonly onStage: (accountId: AccountId, stage: 'frozen' | 'dormant') => void;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
}

/** What comes next for an account that a rule is for. */
export interface IdleProspect {
  readonly account: DirectoryAccountRow;
  readonly rule: IdleRule;
  readonly row: IdleRow | undefined;
  readonly usedAt: number;
  readonly event: IdleEvent;
}

export interface IdleOutlook {
  /** Those that are active, and how many of them may be frozen at once. */
  readonly active: number;
  readonly atMost: number;
  /** What is due. */
  readonly notices: readonly IdleProspect[];
  readonly shut: readonly IdleProspect[];
  /** Frozen ones whose time to take mail is over. */
  readonly dormant: readonly IdleProspect[];
}

export class IdleKeeper {
  readonly #parts: IdleKeeperParts;

  constructor(parts: IdleKeeperParts) {
    this.#parts = parts;
  }

  /** What is due of all accounts. */
  async look(isStopped: () => boolean = () => false): Promise<IdleOutlook> {
    const { store, clock, maxPercent } = this.#parts;
    const due: IdleProspect[] = [];
    let active = 0;
    for (let after = 0; !isStopped();) {
      const accounts = await store.reader.accounts(after, IDLES_AT_ONCE);
      active += accounts.filter(({ state, stage }) => state === 'active' && stage === 'active').length;
      const prospects = await this.prospects(accounts);
      due.push(...prospects.filter(({ event }) => event.at <= clock.now()));
      if (accounts.length < IDLES_AT_ONCE) break;
      after = accounts.at(-1)?.accountId ?? after;
    }
    const stepsTo = (isFirst: boolean) =>
      due.filter(({ event, account }) => event.kind === 'step' && (account.stage === 'active') === isFirst);
    return {
      active,
      atMost: mayClose(active, maxPercent),
      notices: due.filter(({ event }) => event.kind === 'notice'),
      shut: stepsTo(true),
      dormant: stepsTo(false),
    };
  }

  /** Of these accounts, what comes next for those that may be frozen one day, or are. */
  async prospects(accounts: readonly DirectoryAccountRow[]): Promise<readonly IdleProspect[]> {
    const { store, rules, lastSignIns } = this.#parts;
    if (rules.length === 0) return [];
    const kept = accounts.filter(
      ({ state, stage }) => state === 'active' && (stage === 'active' || stage === 'frozen'),
    );
    const accountIds = kept.map(({ accountId }) => accountId);
    const [signIns, rows] = await Promise.all([lastSignIns(accountIds), store.reader.idlesOf(accountIds)]);
    const rowOf = new Map(rows.map((row) => [row.accountId, row]));
    const found = await Promise.all(
      kept.map((account) => this.#prospect(account, signIns.get(account.accountId), rowOf.get(account.accountId))),
    );
    return found.filter((prospect) => prospect !== undefined);
  }

  /** What is due happens. Answers how many were frozen; `isForced`: more than the guard lets. */
  async run(isStopped: () => boolean, { isForced = false } = {}): Promise<number> {
    const { log, metrics, rules } = this.#parts;
    if (rules.length === 0) return 0;
    const { notices, shut, dormant, active, atMost } = await this.look(isStopped);
    const isGuarded = shut.length > atMost && !isForced;
    if (isGuarded) {
      metrics.count('campusmail_idle_runs_refused_total');
      log.error({ due: shut.length, active, atMost }, 'too many accounts would be frozen at once: none was');
    }
    let frozen = 0;
    for (const prospect of [...notices, ...(isGuarded ? [] : shut), ...dormant]) {
      if (isStopped()) break;
      try {
        if (await this.#advance(prospect)) frozen++;
      } catch (error) {
        // One account's trouble is not that of the next.
        log.error({ err: error, accountId: prospect.account.accountId }, 'an account that nobody uses was passed over');
      }
    }
    return frozen;
  }

  async #prospect(
    account: DirectoryAccountRow,
    lastSignIn: number | undefined,
    row: IdleRow | undefined,
  ): Promise<IdleProspect | undefined> {
    const { store, rules, classOf, isExempt, clock } = this.#parts;
    const { accountId, stage } = account;
    const used = Math.max(account.createdAt, lastSignIn ?? 0, row?.countedFrom ?? 0);
    // Most are used, and need no more questions.
    const soonest = Math.min(...rules.map(({ warned }) => warned));
    if (stage === 'active' && used + soonest * DAY_MS > clock.now()) return undefined;
    const { reader } = store;
    const [serviceClass, exempt, life, box, credentials] = await Promise.all([
      classOf(accountId),
      isExempt(accountId),
      reader.life(accountId),
      reader.box(accountId),
      reader.credentialsOf(accountId),
    ]);
    const rule = rules.find((one) => one.serviceClass === serviceClass);
    if (rule === undefined || exempt || box !== undefined) return undefined;
    if (life !== undefined && (life.leftAt !== null || life.hold !== '')) return undefined;
    // Whoever activated the account, or was given a password, was there.
    const changes = credentials.filter(({ kind }) => kind === 'password').map(({ changedAt }) => changedAt);
    const usedAt = Math.max(used, ...changes);
    const event = planIdle(rule, { stage, usedAt, row }, clock.now());
    return event === undefined ? undefined : { account, rule, row, usedAt, event };
  }

  /** Whether it is frozen now, and was not. */
  async #advance(prospect: IdleProspect): Promise<boolean> {
    // It may have been used since all were looked at.
    const [now] = await this.prospects([prospect.account]);
    const nowMs = this.#parts.clock.now();
    if (now === undefined || now.event.at > nowMs || now.event.kind !== prospect.event.kind) return false;
    const { account, row, event, rule, usedAt } = now;
    const { accountId } = account;
    const countedFrom = row?.countedFrom ?? 0;
    if (event.kind === 'notice') {
      const warnedAt = event.number === 1 ? nowMs : (row?.warnedAt ?? nowMs);
      const next = { accountId, countedFrom, warnedAt, told: event.number, frozenAt: null };
      if (await this.#claim({ before: row, stageBefore: account.stage, stage: account.stage, row: next }))
        await this.#warn(accountId, event.shutAt, rule);
      return false;
    }
    const { stage } = event;
    const next = { ...(row ?? { countedFrom, warnedAt: null, told: 0, frozenAt: null }), accountId };
    const args = { before: row, stageBefore: account.stage, stage, row: { ...next, frozenAt: next.frozenAt ?? nowMs } };
    if (!(await this.#claim(args))) return false;
    const { log, metrics, onStage } = this.#parts;
    onStage(accountId, stage);
    log.info({ accountId, stage, usedAt }, 'an account that nobody uses is frozen');
    metrics.count('campusmail_account_stages_total', { stage });
    return account.stage === 'active';
  }

  async #claim(args: Parameters<DirectoryOperations['advanceIdle']['run']>[1]): Promise<boolean> {
    return (await this.#parts.store.run('advanceIdle', args)) as boolean;
  }

  /** At most once, as it was claimed before: what fails here is logged. */
  async #warn(accountId: AccountId, shutAt: number, { shut, takesMailDays }: IdleRule): Promise<void> {
    const { store, tell, tellBySms, log } = this.#parts;
    const [primary] = await store.reader.addressesOf(accountId);
    if (primary === undefined) return;
    const facts = { day: formatDay(shutAt), stage: shut.stage, takesMailDays };
    const told = await Promise.allSettled([
      tell(accountId, idleNotice(formatAddress(primary), facts)),
      tellBySms(accountId),
    ]);
    for (const one of told)
      if (one.status === 'rejected')
        log.error({ err: one.reason as unknown, accountId }, 'an owner could not be warned');
  }
}
