/** Writes down what was done by the command line: every command that changes something or takes data out. */
import { runActing } from '#audit/acting.ts';
import { errorText } from '#base/errors.ts';
import type { AccountId } from '#base/ids.ts';
import { EXIT, type CommandArguments, type CommandIo, type StoreCommand } from './command.ts';
import { findAccount } from './commands/arguments/account.ts';
import type { System } from './system.ts';

/** Commands that only show; whatever is not named here is written down. */
const SHOWING = new Set([
  'account list',
  'account show',
  'archive status',
  'audit list',
  'audit verify',
  'dkim list',
  'dmarc',
  'dns',
  'doctor store',
  'domain list',
  'forward show',
  'group list',
  'group show',
  'idle status',
  'notice list',
  'person show',
  'phone show',
  'queue list',
  'queue show',
  'queue status',
  'roster runs',
  'roster show',
  'scim token list',
  'sso tickets',
  'trace',
  'vacation show',
  'verify',
]);

/** Options whose value is nobody's to read. */
const SECRET_OPTION = /password|secret|token|code/;

/** No command names its account later (`alias choose NAME ADDRESS`). */
const POSITIONALS_LOOKED_AT = 2;

/** Runs the command and writes down that it ran, with how it ended. */
export async function runRecorded(
  system: System,
  command: StoreCommand,
  args: CommandArguments,
  io: CommandIo,
): Promise<number> {
  if (SHOWING.has(command.name)) return command.run(system, args, io);
  const actor = { kind: 'operator', name: io.operator ?? 'unknown' } as const;
  const accountId = await findConcerned(system, args);
  const record = (outcome: string): void =>
    system.audit.record({
      action: /export|takeout/.test(command.name) ? 'administration.exported' : 'administration.command',
      actor,
      ...(accountId === undefined ? {} : { accountId }),
      subject: command.name,
      via: 'command',
      detail: { words: describeArguments(args), outcome },
    });
  try {
    const exit = await runActing({ actor, via: 'command' }, () => command.run(system, args, io));
    record(exit === EXIT.ok ? 'ok' : `exit ${exit}`);
    return exit;
  } catch (error) {
    record(errorText(error));
    throw error;
  } finally {
    await system.audit.flush();
  }
}

/** Whose account it is about, for who asks what was done to it: the first that is named. Before it runs: it may be deleted by it. */
async function findConcerned(system: System, { positionals }: CommandArguments): Promise<AccountId | undefined> {
  for (const text of positionals.slice(0, POSITIONALS_LOOKED_AT)) {
    const found = await findAccount(system, text);
    if (found !== undefined) return found.accountId;
  }
  return undefined;
}

function describeArguments({ positionals, values }: CommandArguments): string {
  const options = Object.entries(values).flatMap(([name, value]) => {
    if (value === undefined || name === 'config') return [];
    if (value === true) return [`--${name}`];
    return [`--${name} ${SECRET_OPTION.test(name) ? '…' : String(value)}`];
  });
  return [...positionals, ...options].join(' ');
}
