/**
 * Looks after those who answer for the boxes of departments (domain.md §8): where one has left, the others are told, and nobody opens
 * the box once its days are over unless another is named; each December all are asked whether the box is still needed.
 */
import { DAY_MS } from '#base/clock.ts';
import type { Clock } from '#base/clock.ts';
import type { AccountId } from '#base/ids.ts';
import type { Logger } from '#base/log.ts';
import { formatAddress } from '#directory/address.ts';
import type { DirectoryOperations } from '#directory/operations.ts';
import type { DirectoryStore } from '#directory/ports/directory-store.ts';
import { rulesOfStage } from '#directory/stages.ts';
import type { BoxRow } from '#directory/types.ts';
import { formatDay } from './days.ts';
import { BOXES_AT_ONCE } from './limits.ts';
import { boxNotices } from './texts.ts';
import type { Notice } from './texts.ts';

export interface BoxKeeperParts {
  readonly store: DirectoryStore;
  /** How many days a box may be opened once who answers for it has left; null: as long as anybody likes. */
  readonly vacantDays: number | null;
  /** Whether those who answer for boxes are written to each December. */
  readonly asksInDecember: boolean;
  /** By mail to the account. */
  readonly tell: (accountId: AccountId, notice: Notice) => Promise<void>;
  /** Told of each box that nobody answers for any more, or somebody again (null), for the record. */
  readonly onVacant: (accountId: AccountId, vacantUntil: number | null) => void;
  readonly clock: Clock;
  readonly log: Logger;
}

export class BoxKeeper {
  readonly #parts: BoxKeeperParts;

  constructor(parts: BoxKeeperParts) {
    this.#parts = parts;
  }

  async run(isStopped: () => boolean): Promise<void> {
    const { store, vacantDays, asksInDecember, log } = this.#parts;
    if (vacantDays === null && !asksInDecember) return;
    for (let after = 0; ;) {
      const boxes = await store.reader.boxes(after, BOXES_AT_ONCE);
      for (const box of boxes) {
        if (isStopped()) return;
        // One box's trouble is not that of the next.
        await this.#look(box).catch((error: unknown) =>
          log.error({ err: error, accountId: box.accountId }, 'a box could not be looked after'),
        );
      }
      if (boxes.length < BOXES_AT_ONCE) return;
      after = boxes.at(-1)?.accountId ?? after;
    }
  }

  async #look(box: BoxRow): Promise<void> {
    const { vacantDays, asksInDecember, clock } = this.#parts;
    const isVacant = !(await this.#isAnsweredFor(box));
    if (vacantDays !== null && isVacant && box.vacantUntil === null)
      await this.#setVacant(box, clock.now() + vacantDays * DAY_MS);
    if (!isVacant && box.vacantUntil !== null) await this.#setVacant(box, null);
    if (asksInDecember && !isVacant) await this.#ask(box);
  }

  /** By somebody who can: not of one who has left, whose account is shut, or is gone. */
  async #isAnsweredFor({ responsibleId }: BoxRow): Promise<boolean> {
    if (responsibleId === null) return false;
    const { store, clock } = this.#parts;
    const [account, life] = await Promise.all([store.reader.account(responsibleId), store.reader.life(responsibleId)]);
    const hasLeft = life !== undefined && life.leftAt !== null && life.leftAt <= clock.now();
    return account?.state === 'active' && rulesOfStage(account.stage).signsIn && !hasLeft;
  }

  async #setVacant(box: BoxRow, vacantUntil: number | null): Promise<void> {
    const { store, onVacant, log } = this.#parts;
    const { accountId, responsibleId } = box;
    const args: Parameters<DirectoryOperations['setBoxVacant']['run']>[1] = { accountId, before: box, vacantUntil };
    if (!((await store.run('setBoxVacant', args)) as boolean)) return;
    onVacant(accountId, vacantUntil);
    log.warn(
      { accountId, vacantUntil },
      vacantUntil === null ? 'a box is answered for again' : 'nobody answers for a box',
    );
    if (vacantUntil === null) return;
    const notice = boxNotices.vacant(await this.#addressOf(accountId), formatDay(vacantUntil));
    for (const { delegateId } of await store.reader.delegationsOf(accountId))
      if (delegateId !== responsibleId) await this.#tell(delegateId, notice);
  }

  /** Once a year, whichever of several machines comes first. */
  async #ask({ accountId, responsibleId, reviewedAt }: BoxRow): Promise<void> {
    const { store, clock } = this.#parts;
    const { year, from } = lastReview(clock.now());
    const isDecember = clock.now() < from + 31 * DAY_MS;
    if (!isDecember || responsibleId === null || (reviewedAt ?? 0) >= from) return;
    const isOurs = (await store.run('claimNotice', { name: `box review ${year}`, accountId })) as boolean;
    if (!isOurs) return;
    const people = await store.reader.delegationsOf(accountId);
    const members = await Promise.all(people.map(({ delegateId }) => this.#addressOf(delegateId)));
    await this.#tell(responsibleId, boxNotices.review(await this.#addressOf(accountId), members));
  }

  async #addressOf(accountId: AccountId): Promise<string> {
    const [primary] = await this.#parts.store.reader.addressesOf(accountId);
    return primary === undefined ? `#${accountId}` : formatAddress(primary);
  }

  /** At most once, as it was claimed before: what fails here is logged. */
  async #tell(accountId: AccountId, notice: Notice): Promise<void> {
    const { tell, log } = this.#parts;
    await tell(accountId, notice).catch((error: unknown) =>
      log.error({ err: error, accountId }, 'somebody could not be told of a box'),
    );
  }
}

/** When the last yearly review began: the first of December, where the campus is. */
export function lastReview(nowMs: number): { readonly year: number; readonly from: number } {
  const here = new Date(nowMs + 8 * 3_600_000);
  const year = here.getUTCMonth() === 11 ? here.getUTCFullYear() : here.getUTCFullYear() - 1;
  return { year, from: Date.UTC(year, 11, 1) - 8 * 3_600_000 };
}
