/** `campusmail person show`, `person link`, `person unlink`: who somebody is by the roster, and which mailbox is theirs. */
import { CommandFailure, EXIT, type StoreCommand } from '#app/command.ts';
import { findHomes } from '#app/open-roster.ts';
import type { System } from '#app/system.ts';
import { isMailError } from '#base/errors.ts';
import type { AccountId } from '#base/ids.ts';
import { findProof } from '#directory/proof.ts';
import type { PersonRow } from '#directory/types.ts';
import { primaryAddress, requireAccount } from './arguments/account.ts';
import { hasOption, positional } from './arguments/options.ts';
import { formatTable, toPrintable } from './arguments/table.ts';
import { formatTime } from './arguments/time.ts';

export const personShow: StoreCommand = {
  name: 'person show',
  usage: 'NUMBER [--json]',
  about: 'Show somebody of the roster, by 工号 or 学号.',
  details: `
With the stage of the mailbox, and whether the initial password is still
waiting, was used, or has run out. No password can be shown.

  --json  answer in JSON`,
  options: { json: { type: 'boolean' } },
  positionals: [1, 1],
  needs: 'store',
  async run(system, args, io) {
    const { tailCheck: _, ...person } = await requirePerson(system, positional(args, 0));
    if (hasOption(args, 'json'))
      io.out(`${JSON.stringify({ ...person, account: await readStanding(system, person.accountId) })}\n`);
    else io.out(await describe(system, person));
    return EXIT.ok;
  },
};

export const personLink: StoreCommand = {
  name: 'person link',
  usage: 'NUMBER ADDRESS',
  about: 'Say that a mailbox is that of somebody of the roster.',
  details: `
For who has a mailbox of before the roster, or under another number: they enter
it by single sign-on, and their ticket there closes. Their number becomes an
address of it where nobody has that address; an account that they had by it is
left as it is. Whether the mailbox is theirs is for you to know: who is linked
to it reads it.`,
  options: {},
  positionals: [2, 2],
  needs: 'store',
  async run(system, args, io) {
    const person = await requirePerson(system, positional(args, 0));
    const { accountId } = await requireAccount(system, positional(args, 1));
    const domain = findHomes(system.config).domains.get(person.population);
    await system.directory.linkPerson(person.number, accountId);
    await system.ssoStore.run('closeTicket', { number: person.number });
    if (domain !== undefined)
      await system.directory.addAlias(accountId, `${person.number}@${domain}`).catch((error: unknown) => {
        if (!isMailError(error, 'alreadyExists')) throw error;
      });
    io.out(await describe(system, await requirePerson(system, person.number)));
    return EXIT.ok;
  },
};

export const personUnlink: StoreCommand = {
  name: 'person unlink',
  usage: 'NUMBER',
  about: 'Let a number of the roster lead to no mailbox any more.',
  details: `
The mailbox and its addresses stay as they are.`,
  options: {},
  positionals: [1, 1],
  needs: 'store',
  async run(system, args, io) {
    const { number } = await requirePerson(system, positional(args, 0));
    await system.directory.linkPerson(number, null);
    io.out(`${number} leads to no mailbox\n`);
    return EXIT.ok;
  },
};

async function requirePerson(system: System, text: string): Promise<PersonRow> {
  const person = await system.directory.findPerson(text);
  if (person === undefined) throw new CommandFailure(`nobody of the roster has the number "${toPrintable(text)}"`);
  return person;
}

async function describe(system: System, person: Omit<PersonRow, 'tailCheck'>): Promise<string> {
  const { number, name, englishName, population, unit, level, enrolled, status, endsOn, accountId } = person;
  const standing = await readStanding(system, accountId);
  const or = (text: string): string => (text === '' ? '-' : toPrintable(text));
  return formatTable([
    ['number', number],
    ['name', toPrintable(name)],
    ['English', or(englishName)],
    ['kind', population],
    ['unit', or(unit)],
    ['level', or(level)],
    ['enrolled', enrolled === null ? '-' : String(enrolled)],
    ['status', status],
    ['ends', endsOn ?? '-'],
    ['mailbox', accountId === null ? 'none' : await primaryAddress(system, accountId)],
    ...(standing === null
      ? []
      : [
          ['stage', standing.state === 'active' ? standing.stage : `${standing.stage}, ${standing.state}`],
          ['password', describePassword(standing)],
        ]),
  ]);
}

/** What proves the account: its owner's own password, or that which was given out by the rule of initial passwords. */
async function readStanding({ directory, directoryStore, clock }: System, accountId: AccountId | null) {
  const account = accountId === null ? undefined : await directory.account(accountId);
  if (account === undefined) return null;
  const { state, stage } = account;
  const proof = findProof(await directoryStore.reader.credentialsOf(account.accountId));
  const isOver = proof !== undefined && proof.expiresAt !== null && proof.expiresAt <= clock.now();
  const initial = isOver ? ('initialOver' as const) : ('initial' as const);
  const password = proof === undefined ? ('none' as const) : proof.kind === 'initial' ? initial : ('set' as const);
  return { state, stage, password, since: proof?.changedAt ?? null, until: proof?.expiresAt ?? null };
}

function describePassword({ password, since, until }: NonNullable<Awaited<ReturnType<typeof readStanding>>>): string {
  const day = until === null ? '' : formatTime(until);
  switch (password) {
    case 'none':
      return 'none: by single sign-on alone, or by campusmail account password';
    case 'set':
      return `set ${formatTime(since ?? 0)}; an initial one is good no more`;
    case 'initial':
      return `the initial one, not used yet${day === '' ? '' : `, good until ${day}`}`;
    case 'initialOver':
      return `the initial one, never used, ran out ${day}`;
  }
}
