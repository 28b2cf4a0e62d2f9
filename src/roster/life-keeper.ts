/**
 * Takes accounts whose people have left through the stages of their end, and tells them beforehand. One step of an account at a
 * time: what came due while the server stood still does not come all at once, and nothing is deleted that was not closed,
 * and told, for as long as the rules say.
 */
import { DAY_MS } from '#base/clock.ts';
import type { Clock } from '#base/clock.ts';
import type { AccountId } from '#base/ids.ts';
import type { Logger } from '#base/log.ts';
import type { Metrics } from '#base/metrics.ts';
import { randomId } from '#base/random.ts';
import type { Random } from '#base/random.ts';
import { formatAddress } from '#directory/address.ts';
import type { DirectoryOperations } from '#directory/operations.ts';
import type { DirectoryStore } from '#directory/ports/directory-store.ts';
import { isFrozen, rulesOfStage } from '#directory/stages.ts';
import type { LifeRow } from '#directory/types.ts';
import { composeMessage } from '#mime/compose.ts';
import { formatDay } from './days.ts';
import { findLifeRule, planLife } from './life-plan.ts';
import type { EndStage, LifeEvent, LifeRule } from './life-plan.ts';
import { LIVES_AT_ONCE, LOOK_AGAIN_MS, RETRY_PURGE_MS } from './limits.ts';
import { notices } from './texts.ts';
import type { Notice } from './texts.ts';

export interface LifeKeeperParts {
  readonly store: DirectoryStore;
  readonly rules: readonly LifeRule[];
  /** Sends a message of the system's own to one address. */
  readonly post: (octets: Buffer, to: string) => Promise<void>;
  /** Deletes the account with all that is its own. May be called again. */
  readonly purge: (accountId: AccountId) => Promise<void>;
  /** Told of each stage that an account comes to, for the record. */
  readonly onStage?: (accountId: AccountId, stage: EndStage) => void;
  readonly hostname: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly metrics: Metrics;
}

export class LifeKeeper {
  readonly #parts: LifeKeeperParts;

  constructor(parts: LifeKeeperParts) {
    this.#parts = parts;
  }

  /** Everything that is due. One account's trouble is not that of the next. */
  async run(isStopped: () => boolean): Promise<void> {
    const { store, clock, log } = this.#parts;
    const tried = new Set<AccountId>();
    for (;;) {
      const due = await store.reader.dueLives(clock.now(), LIVES_AT_ONCE + tried.size);
      const lives = due.filter(({ accountId }) => !tried.has(accountId));
      if (lives.length === 0) return;
      for (const life of lives) {
        if (isStopped()) return;
        try {
          await this.#advance(life);
        } catch (error) {
          tried.add(life.accountId);
          log.error({ err: error, accountId: life.accountId }, 'an account could not go on to its end');
        }
      }
    }
  }

  async #advance(life: LifeRow): Promise<void> {
    const { store, clock, rules } = this.#parts;
    const { accountId, leftAt, doneUpTo } = life;
    const persons = await store.reader.personsOf(accountId);
    const rule = findLifeRule(rules, persons);
    const nowMs = clock.now();
    if (leftAt === null || rule === undefined) {
      // There may be a rule another day.
      await this.#claim(life, { nextAt: leftAt === null ? null : nowMs + LOOK_AGAIN_MS });
      return;
    }
    const wasShut = life.stageBefore === 'pending' || isFrozen(life.stageBefore);
    const due = planLife(rule, leftAt, wasShut).filter(({ at }) => at > doneUpTo && at <= nowMs);
    const first = due.find(({ kind }) => kind === 'step');
    // The days between steps are promised: after one that came late, they are counted from when it came.
    const lateMs = first === undefined ? 0 : nowMs - first.at;
    const countedFrom = lateMs > DAY_MS ? leftAt + lateMs : leftAt;
    const plan = planLife(rule, countedFrom, wasShut);
    const next = plan.find(({ at }) => at > nowMs);
    if (first?.step.stage === 'purged') return this.#purge(life, first);
    const stage = first?.step.stage ?? null;
    const nextAt = next === undefined ? null : Math.min(next.at, nowMs + LOOK_AGAIN_MS);
    const isOurs = await this.#claim(life, { stage, leftAt: countedFrom, nextAt });
    if (!isOurs) return;
    if (first !== undefined) await this.#tellReached(accountId, first);
    else {
      const last = due.at(-1);
      if (last !== undefined) await this.#tellAhead(accountId, last, plan);
    }
  }

  async #purge(life: LifeRow, event: LifeEvent): Promise<void> {
    const { purge, onStage, clock, log, metrics } = this.#parts;
    const { accountId, hold } = life;
    // Held: until somebody lets it go, which has it looked at again.
    const nextAt = hold === '' ? clock.now() + RETRY_PURGE_MS : null;
    const isOurs = await this.#claim(life, { doneUpTo: event.at - 1, nextAt });
    if (!isOurs || hold !== '') return;
    await purge(accountId);
    onStage?.(accountId, 'purged');
    log.warn({ accountId }, 'an account has come to its end and is deleted');
    metrics.count('campusmail_account_stages_total', { stage: 'purged' });
  }

  async #claim(
    { accountId, doneUpTo, leftAt }: LifeRow,
    args: Partial<Parameters<DirectoryOperations['advanceLife']['run']>[1]> & { readonly doneUpTo?: number },
  ): Promise<boolean> {
    const { store, clock } = this.#parts;
    const { doneUpTo: nextDoneUpTo = clock.now(), ...rest } = args;
    return (await store.run('advanceLife', {
      accountId,
      doneUpTo,
      stage: null,
      nextAt: null,
      leftAt,
      ...rest,
      nextDoneUpTo,
    })) as boolean;
  }

  async #tellReached(accountId: AccountId, { step: { stage } }: LifeEvent): Promise<void> {
    const { onStage, log, metrics } = this.#parts;
    onStage?.(accountId, stage);
    log.info({ accountId, stage }, 'an account goes on to its end');
    metrics.count('campusmail_account_stages_total', { stage });
    if (stage !== 'purged' && rulesOfStage(stage).takesMail)
      await this.#tell(accountId, (to) => notices.reached(to, stage));
  }

  async #tellAhead(accountId: AccountId, event: LifeEvent, plan: readonly LifeEvent[]): Promise<void> {
    if (event.kind !== 'notice') return;
    const { stage } = event.step;
    const end = plan.find(({ step }) => step.stage === 'purged');
    const deletedOn = end === undefined || stage === 'purged' ? null : formatDay(end.stepAt);
    const facts = { stage, deletedOn, day: formatDay(event.stepAt), daysBefore: event.daysBefore };
    await this.#tell(accountId, (to) => notices.ahead(to, facts));
  }

  /** At most once, as it was claimed before: what fails here is logged. */
  async #tell(accountId: AccountId, write: (address: string) => Notice): Promise<void> {
    const { store, post, hostname, clock, random, log } = this.#parts;
    const [primary] = await store.reader.addressesOf(accountId);
    if (primary === undefined) return;
    const address = formatAddress(primary);
    const octets = composeMessage({
      from: { name: '邮件系统 Mail System', email: `postmaster@${primary.domain}` },
      to: [{ name: '', email: address }],
      ...write(address),
      dateMs: clock.now(),
      messageId: `${randomId(random, 16)}@${hostname}`,
      // RFC 3834 §5.
      headers: [['Auto-Submitted', 'auto-generated']],
    });
    await post(octets, address).catch((error: unknown) =>
      log.error({ err: error, accountId }, 'an account could not be told of its end'),
    );
  }
}
