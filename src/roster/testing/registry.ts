/** A campus with a roster to test with: domains, a clock, the notice's own rules. */
import type { AccountId } from '#base/ids.ts';
import type { Campus } from '#directory/testing/campus.ts';
import { openCampus } from '#directory/testing/campus.ts';
import { systemRandom } from '#base/random.ts';
import { parseInitialPasswordRule, parseTemplate } from '#roster/initial-passwords.ts';
import type { InitialPasswordRule, Template } from '#roster/initial-passwords.ts';
import { Roster } from '#roster/roster.ts';
import type { AppliedRun, ApplyOptions, RosterSettings } from '#roster/roster.ts';

export const testSettings: RosterSettings = {
  domains: new Map([
    ['staff', 'kust.edu.cn'],
    ['student', 'stu.kust.edu.cn'],
  ]),
  activates: new Set(['student']),
  initialLifeMs: null,
  initialPasswords: {
    rules: ['student -2022 kust{idTail(6)}', 'student 2023- Kust{idTail(8)}', 'staff Kust{idTail(8)}'].map(
      (line) => parseInitialPasswordRule(line) as InitialPasswordRule,
    ),
    withoutId: parseTemplate('Kust{noTail(8)}') as Template,
  },
  maxClosedPercent: 2,
};

export interface Registry extends Campus {
  readonly roster: Roster;
  /** Of accounts that the roster opened. */
  readonly mailboxes: ReadonlySet<AccountId>;
  /** A list of people brought in as a CSV. */
  bring(csv: string, options?: ApplyOptions & { readonly isPartial?: boolean }): Promise<AppliedRun>;
}

export async function openRegistry(): Promise<Registry> {
  const campus = await openCampus();
  const { store, directory, clock } = campus;
  await directory.addDomain('stu.kust.edu.cn');
  const mailboxes = new Set<AccountId>();
  const roster = new Roster({
    store,
    directory,
    clock,
    random: systemRandom,
    settings: testSettings,
    openMailbox: async (accountId) => void mailboxes.add(accountId),
    dropMailbox: async (accountId) => void mailboxes.delete(accountId),
  });
  return {
    ...campus,
    roster,
    mailboxes,
    async bring(csv, { isPartial = false, ...options } = {}) {
      const plan = await roster.plan(await roster.readFile(Buffer.from(csv)), isPartial);
      return roster.apply(plan, { source: 'list.csv', sourceHash: '', actor: 'test' }, options);
    },
  };
}
