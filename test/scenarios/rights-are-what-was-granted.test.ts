/**
 * Random grants, takings back, ends and disablings, and after each what everybody may do by IMAP's eyes and by JMAP's,
 * compared with a plain model of it; on the stores that there are.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createOthersMail } from '#app/others-mail.ts';
import { FakeClock } from '#base/clock.ts';
import { isMailError } from '#base/errors.ts';
import type { AccountId, MailboxId } from '#base/ids.ts';
import { silentLog } from '#base/log.ts';
import { systemRandom } from '#base/random.ts';
import { writesAs } from '#directory/delegation.ts';
import { Directory } from '#directory/directory.ts';
import { ACCOUNT_RIGHTS, type AccountRight } from '#directory/types.ts';
import { sharedAccounts } from '#jmap/core/accounts.ts';
import { openTestStore } from '#test/harness/stores.ts';

const PEOPLE = 3;
const MAILBOXES: readonly MailboxId[] = [1 as MailboxId, 2 as MailboxId];
const LETTERS = 'lrswipkxtea';

const person = fc.nat({ max: PEOPLE - 1 });
const step = fc.oneof(
  fc.record({ do: fc.constant('grant' as const), who: person, rights: fc.subarray([...ACCOUNT_RIGHTS]) }),
  fc.record({
    do: fc.constant('setAcl' as const),
    who: person,
    mailboxId: fc.constantFrom(...MAILBOXES),
    rights: fc.subarray(LETTERS.split('')).map((letters) => letters.join('')),
  }),
  fc.record({ do: fc.constant('end' as const), inMs: fc.constantFrom(null, 1000) }),
  fc.record({ do: fc.constant('wait' as const) }),
  fc.record({ do: fc.constantFrom('disable' as const, 'enable' as const) }),
);

/** What RFC 4314 calls what each right on the account is on a mailbox. */
const ON_EACH: Readonly<Record<AccountRight, string>> = {
  read: 'lr',
  write: 'lrswipkxte',
  manage: 'la',
  'send-as': '',
  'send-on-behalf': '',
};

for (const kind of ['memory', 'sqlite'] as const) {
  test(
    `whoever may do something was granted it, and may no longer than that (${kind})`,
    { timeout: 120_000 },
    async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
          const clock = new FakeClock();
          const store = await openTestStore(kind, { clock });
          try {
            const directory = new Directory({
              store: store.directory,
              clock,
              random: systemRandom,
              log: silentLog,
              settings: { argon2id: { memoryKib: 8, iterations: 1, parallelism: 1 }, scramIterations: 4096 },
            });
            const others = createOthersMail(directory, { record: () => undefined }, { note: () => undefined });
            await directory.addDomain('kust.example');
            const people: AccountId[] = [];
            for (let i = 0; i < PEOPLE; i++) people.push(await directory.createAccount(`p${i}@kust.example`, 'x'));
            const [head] = people as [AccountId];
            const box = await directory.createBox({
              address: 'jwc@kust.example',
              displayName: '教务处',
              responsibleId: head,
              endsAt: null,
              purpose: '',
            });

            const whole = new Map<number, ReadonlySet<AccountRight>>([
              [0, new Set(['read', 'write', 'send-as', 'manage'])],
            ]);
            const single = new Map<string, string>();
            let endsAt: number | null = null;
            let isActive = true;
            for (const one of steps) {
              switch (one.do) {
                case 'grant': {
                  const refused = one.who === 0 && one.rights.length === 0;
                  const granting = directory.setDelegation(box, people[one.who] as AccountId, one.rights, 'test');
                  if (refused) await assert.rejects(granting, (error) => isMailError(error, 'inUse'));
                  else {
                    await granting;
                    whole.set(one.who, new Set(one.rights));
                  }
                  break;
                }
                case 'setAcl':
                  await others.setRights({
                    accountId: box,
                    mailboxId: one.mailboxId,
                    identifier: `P${one.who}@kust.example`,
                    rights: one.rights,
                    keeps: MAILBOXES,
                    by: { accountId: head, login: 'p0@kust.example' },
                  });
                  single.set(`${one.who} ${one.mailboxId}`, one.rights);
                  break;
                case 'end':
                  endsAt = one.inMs === null ? null : clock.now() + one.inMs;
                  await directory.updateBox({ accountId: box, endsAt });
                  break;
                case 'wait':
                  clock.advance(1000);
                  break;
                case 'disable':
                case 'enable':
                  isActive = one.do === 'enable';
                  await (isActive ? directory.enableAccount(box) : directory.disableAccount(box));
              }
              const isOpen = isActive && (endsAt === null || clock.now() < endsAt);
              for (const [i, accountId] of people.entries()) {
                const rights = isOpen ? (whole.get(i) ?? new Set<AccountRight>()) : new Set<AccountRight>();
                const [shared] = await others.sharedWith(accountId);
                for (const mailboxId of MAILBOXES) {
                  const granted = [...rights].map((right) => ON_EACH[right]).join('');
                  const letters = granted + (isOpen ? (single.get(`${i} ${mailboxId}`) ?? '') : '');
                  const wanted = LETTERS.split('').filter((letter) => letters.includes(letter));
                  assert.equal(shared?.rightsOn(mailboxId) ?? '', wanted.join(''), `p${i} on ${mailboxId}`);
                }
                const seen = await sharedAccounts({ services: { directory }, callerId: accountId });
                assert.equal(seen.length === 1, rights.has('read') || rights.has('write'));
                assert.equal(await directory.mayWriteAs(accountId, box), writesAs({ rights }));
                const [whom] = (await others.aclOf(box, MAILBOXES[0] as MailboxId)).slice(0, 1);
                assert.equal(whom?.identifier, 'jwc@kust.example');
              }
            }
            directory.close();
          } finally {
            await store.mail.checkInvariants();
            await store.close();
          }
        }),
        { numRuns: kind === 'memory' ? 60 : 8 },
      );
    },
  );
}
