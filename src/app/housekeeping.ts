/** What the server does for itself while it runs: garbage collection, now and then, one run at a time. */
import { tidyGuesses } from '#guesses/tidy.ts';
import { ROWS_AT_ONCE } from '#audit/limits.ts';
import { DAY_MS } from '#base/clock.ts';
import { errorText } from '#base/errors.ts';
import { repeat } from '#base/repeat.ts';
import { ANSWERS_AT_ONCE, MAX_VACATION_DAYS } from '#directory/limits.ts';
import { tidySso } from '#sso/tidy.ts';
import type { ForgetLimits } from '#trust/ports/trust-store.ts';
import { unwrapOutcome } from '#mail/account.ts';
import type { MailStore } from '#mail/ports/mail-store.ts';
import { accountPages } from './account-pages.ts';
import { openRoster } from './open-roster.ts';
import { sweepMail } from './sweep-mail.ts';
import type { System } from './system.ts';

/** Deleted mail gives its space back within a day at most; a run over nothing costs a few look-ups. */
const EVERY_MS = 6 * 3_600_000;
/** Accounts whose deleted mail is forgotten at once, and how much of each: some milliseconds of the writer. */
const DELETING_ACCOUNTS_AT_ONCE = 50;
const DELETIONS_AT_ONCE = 200;
/** Traces forgotten by one operation. */
const TRACES_AT_ONCE = 500;
/** What was seen of others' policies; reports about it go out within days. */
const OBSERVATIONS_KEPT_DAYS = 14;
/** What others report of us: a year, and the same month of the year before. */
const RECEIVED_REPORTS_KEPT_DAYS = 400;

export function startHousekeeping(system: System): { stop(): Promise<void> } {
  const {
    maintenance,
    log,
    clock,
    config,
    directory,
    directoryStore,
    selfService,
    sessions,
    grants,
    sms,
    guessStore,
    ssoStore,
    journal,
    jmapRecords,
    traceStore,
    auditStore,
    trustStore,
    mailStore,
  } = system;
  const repetition = repeat({
    clock,
    pauseMs: () => EVERY_MS,
    async run() {
      const before = clock.now() - config.trace.keepDays * DAY_MS;
      while ((await traceStore.run('forget', { before, limit: TRACES_AT_ONCE })) === TRACES_AT_ONCE);
      const auditedBefore = clock.now() - config.audit.keepDays * DAY_MS;
      while ((await auditStore.run('forget', { before: auditedBefore, limit: ROWS_AT_ONCE })) === ROWS_AT_ONCE);
      // Out of the database's reach: `campusmail audit verify --noted` holds the chain against it.
      const { seq, hash } = (await auditStore.reader.ends()).last;
      log.info({ noted: `${seq}:${hash}` }, 'the last link of the audit');
      await trustStore.run('forget', forgottenAt(clock.now()));
      const answeredBefore = clock.now() - MAX_VACATION_DAYS * DAY_MS;
      while ((await directory.forgetAnswers(answeredBefore, ANSWERS_AT_ONCE)) === ANSWERS_AT_ONCE);
      await openRoster(system).tidy();
      // Before the garbage: what uploads and deletions refer to is kept.
      const swept = await sweepMail({
        store: mailStore,
        config,
        isKept: async (accountId) =>
          (await directory.isArchived(accountId)) || ((await directoryStore.reader.life(accountId))?.hold ?? '') !== '',
      });
      if (swept > 0) log.info({ swept }, 'the trash and the junk were rid of what had lain there long enough');
      await forgetDeletions(mailStore, clock.now() - config.mail.deletedDays * DAY_MS);
      await sessions.tidy();
      await grants.tidy();
      await tidySso({ store: ssoStore, clock });
      await sms.tidy();
      await tidyGuesses(guessStore);
      await selfService.retireAliases();
      await journal.tidy();
      await jmapRecords.tidy();
      const report = await maintenance.collectGarbage();
      log.info({ ...report }, 'garbage collected');
    },
    onFailure: (error) => log.error({ err: errorText(error) }, 'garbage could not be collected'),
  });
  return {
    async stop() {
      repetition.stop();
      await repetition.settled();
    },
  };
}

/** What was deleted before then is gone for good. */
export async function forgetDeletions(store: Pick<MailStore, 'reader' | 'run'>, deletedBefore: number): Promise<void> {
  const args = { deletedBefore, limit: DELETIONS_AT_ONCE };
  const pages = accountPages((after) =>
    store.reader.accountsWithDeletions(deletedBefore, after, DELETING_ACCOUNTS_AT_ONCE),
  );
  for await (const accountIds of pages) {
    let left = accountIds;
    while (left.length > 0) {
      const outcomes = await store.run(left.map((accountId) => ({ accountId, name: 'forgetDeletions', args })));
      const counts = outcomes.map(unwrapOutcome);
      left = left.filter((_, at) => counts[at] === DELETIONS_AT_ONCE);
    }
  }
}

function forgottenAt(nowMs: number): ForgetLimits {
  return {
    expiredBefore: nowMs,
    observedBeforeDay: Math.floor(nowMs / DAY_MS) - OBSERVATIONS_KEPT_DAYS,
    reportsBeforeS: Math.floor((nowMs - RECEIVED_REPORTS_KEPT_DAYS * DAY_MS) / 1000),
  };
}
