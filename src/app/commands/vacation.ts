/** `campusmail vacation show`, `set`, `off`: what those are told who write to an account while nobody reads there. */
import { CommandFailure, EXIT, type StoreCommand } from '#app/command.ts';
import type { System } from '#app/system.ts';
import { MAX_VACATION_DAYS, MAX_VACATION_TEXT_LENGTH } from '#directory/limits.ts';
import type { AccountId } from '#directory/types.ts';
import { isAway } from '#directory/vacation.ts';
import { requireAccount } from './arguments/account.ts';
import { countOption, hasOption, positional, textOption } from './arguments/options.ts';
import { formatTable, toPrintable } from './arguments/table.ts';
import { formatTime, parseTime } from './arguments/time.ts';

/** RFC 5230 §4.1: what most servers take. */
const DEFAULT_DAYS = 7;

export const vacationShow: StoreCommand = {
  name: 'vacation show',
  usage: 'ADDRESS [--json]',
  about: 'Show the automatic reply of an account.',
  details: `
  --json  answer in JSON; instants in milliseconds since 1970`,
  options: { json: { type: 'boolean' } },
  positionals: [1, 1],
  needs: 'store',
  async run(system, args, io) {
    const { accountId, address } = await requireAccount(system, positional(args, 0));
    if (hasOption(args, 'json')) {
      const [row] = await system.directory.vacations([accountId]);
      const { accountId: _, ...shown } = row ?? { accountId, isEnabled: false };
      io.out(`${JSON.stringify(shown)}\n`);
    } else io.out(await describe(system, accountId, address));
    return EXIT.ok;
  },
};

export const vacationSet: StoreCommand = {
  name: 'vacation set',
  usage:
    'ADDRESS --text TEXT [--outside-text TEXT | --inside-only] [--subject TEXT] [--since TIME] [--until TIME] [--days N]',
  about: 'Answer those who write to an account automatically.',
  details: `
Persons are answered who write to one of the account's addresses, each once in
some days; never lists, programs, junk, or whoever fails SPF or DMARC. When it
is set anew, everybody may be answered again. An account that may not send
answers nobody.

  --text TEXT          what is answered
  --outside-text TEXT  what people outside are answered instead
  --inside-only        people outside are not answered
  --subject TEXT       otherwise made from that of the message
  --since TIME         from then on, as 2026-09-16 or 2026-09-16T10:00
  --until TIME         before then
  --days N             days until a sender is answered again; 7 by default`,
  options: {
    text: { type: 'string' },
    'outside-text': { type: 'string' },
    'inside-only': { type: 'boolean' },
    subject: { type: 'string' },
    since: { type: 'string' },
    until: { type: 'string' },
    days: { type: 'string' },
  },
  positionals: [1, 1],
  needs: 'store',
  async run(system, args, io) {
    if (hasOption(args, 'inside-only') && textOption(args, 'outside-text') !== undefined)
      throw new CommandFailure('--outside-text and --inside-only contradict each other', EXIT.usage);
    const { accountId, address } = await requireAccount(system, positional(args, 0));
    const insideText = textOption(args, 'text') ?? '';
    const since = textOption(args, 'since');
    const until = textOption(args, 'until');
    await system.directory.setVacation({
      accountId,
      isEnabled: true,
      subject: textOption(args, 'subject') ?? '',
      insideText,
      outsideText: hasOption(args, 'inside-only') ? null : (textOption(args, 'outside-text') ?? insideText),
      from: since === undefined ? null : parseTime(since),
      until: until === undefined ? null : parseTime(until),
      days: countOption(args, 'days', { byDefault: DEFAULT_DAYS, most: MAX_VACATION_DAYS }),
    });
    io.out(await describe(system, accountId, address));
    return EXIT.ok;
  },
};

export const vacationOff: StoreCommand = {
  name: 'vacation off',
  usage: 'ADDRESS',
  about: 'Stop the automatic reply of an account.',
  details: '',
  options: {},
  positionals: [1, 1],
  needs: 'store',
  async run(system, args, io) {
    const { accountId, address } = await requireAccount(system, positional(args, 0));
    await system.directory.endVacation(accountId);
    io.out(await describe(system, accountId, address));
    return EXIT.ok;
  },
};

async function describe({ directory, clock }: System, accountId: AccountId, address: string): Promise<string> {
  const [row] = await directory.vacations([accountId]);
  if (row === undefined || !row.isEnabled) return `Those who write to ${address} are not answered automatically.\n`;
  const { subject, insideText, outsideText, from, until, days } = row;
  const facts = [
    ['  subject', subject === '' ? 'made from that of the message' : toPrintable(subject)],
    ['  from', from === null ? 'always' : formatTime(from)],
    ['  until', until === null ? 'it is stopped' : formatTime(until)],
    ['  again', `after ${days} days`],
  ];
  const state = isAway(row, clock.now()) ? 'are answered automatically' : 'are not answered automatically at this time';
  const texts =
    insideText === outsideText
      ? describeText('everybody', insideText)
      : describeText('people here', insideText) + describeText('people outside', outsideText);
  return `Those who write to ${address} ${state}.\n${formatTable(facts)}${texts}`;
}

function describeText(whom: string, text: string | null): string {
  if (text === null) return `  ${whom}: no answer\n`;
  const lines = text
    .trimEnd()
    .split(/\r?\n/)
    .map((line) => `    ${toPrintable(line, MAX_VACATION_TEXT_LENGTH)}\n`);
  return `  ${whom}:\n${lines.join('')}`;
}
