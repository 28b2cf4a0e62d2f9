/** `campusmail trace`: what became of a message, for whoever answers the telephone. */
import { CommandFailure, EXIT, type CommandArguments, type StoreCommand } from '#app/command.ts';
import type { System } from '#app/system.ts';
import { parseAddress } from '#directory/address.ts';
import type { TraceQuery } from '#trace/ports/trace-store.ts';
import type { Trace, TraceEvent, TracedMessage } from '#trace/types.ts';
import { findAccount, primaryAddress } from './arguments/account.ts';
import { requireQueueId } from './arguments/delivery.ts';
import { countOption, textOption } from './arguments/options.ts';
import { formatSize } from './arguments/size.ts';
import { formatTable, toPrintable } from './arguments/table.ts';
import { formatTime, parseTime } from './arguments/time.ts';

/** Of a message's recipients, how many are named; and of those of one event. */
const RECIPIENTS_NAMED = 20;
const EVENT_RECIPIENTS_NAMED = 3;
/** What a server answers is told in some hundred characters; a longer text is cut. */
const MAX_WORDS = 1000;

export const trace: StoreCommand = {
  name: 'trace',
  usage: '[ID] [--message-id ID] [--from ADDRESS] [--to ADDRESS] [--since TIME] [--until TIME] [--limit N]',
  about: 'Show what became of a message, by its id, its Message-ID, sender or recipient.',
  details: `
ID is what replies, Received lines and reports call it. Several messages are
listed, the newest first; a single one is shown with all that happened to it.

  --message-id ID  the message's Message-ID, with or without angle brackets
  --from ADDRESS   the sender (of the envelope); reports have none
  --to ADDRESS     a recipient
  --since TIME     from then on, as 2026-09-16 or 2026-09-16T10:00
  --until TIME     before then
  --limit N        how many are listed at most; 20 by default`,
  options: {
    'message-id': { type: 'string' },
    from: { type: 'string' },
    to: { type: 'string' },
    since: { type: 'string' },
    until: { type: 'string' },
    limit: { type: 'string' },
  },
  positionals: [0, 1],
  needs: 'store',
  async run(system, args, io) {
    const { reader } = system.traceStore;
    const limit = countOption(args, 'limit', { byDefault: 20, most: 1000 });
    await system.trace.flush();
    const [id] = args.positionals;
    if (id !== undefined) {
      if (Object.keys(trace.options).some((name) => textOption(args, name) !== undefined)) {
        throw new CommandFailure('an ID goes alone: it names a single message', EXIT.usage);
      }
      const found = await reader.trace(requireQueueId(id));
      if (found === undefined) throw new CommandFailure(`no message ${id} is known${describeMemory(system)}`);
      io.out(await describeTrace(system, found));
      return EXIT.ok;
    }
    const found = await reader.find(readQuery(args), limit + 1);
    const [only] = found;
    if (only === undefined) {
      const hint = await describeAddresses(system, args);
      throw new CommandFailure(`no such message is known${describeMemory(system)}${hint}`);
    }
    const whole = found.length === 1 ? await reader.trace(only.queueId) : undefined;
    if (whole !== undefined) {
      io.out(await describeTrace(system, whole));
      return EXIT.ok;
    }
    io.out(formatTable(found.slice(0, limit).map(toCells)));
    if (found.length > limit) io.out('There are older ones; --limit N or --until TIME shows them.\n');
    return EXIT.ok;
  },
};

function readQuery(args: CommandArguments): TraceQuery {
  const messageId = unwrappedOption(args, 'message-id');
  const sender = unwrappedOption(args, 'from')?.toLowerCase();
  const recipient = unwrappedOption(args, 'to')?.toLowerCase();
  if (messageId === undefined && sender === undefined && recipient === undefined) {
    throw new CommandFailure('say which: an ID, --message-id, --from or --to', EXIT.usage);
  }
  const since = textOption(args, 'since');
  const until = textOption(args, 'until');
  return {
    ...(messageId === undefined ? {} : { messageId }),
    ...(sender === undefined ? {} : { sender }),
    ...(recipient === undefined ? {} : { recipient }),
    ...(since === undefined ? {} : { from: parseTime(since) }),
    ...(until === undefined ? {} : { to: parseTime(until) }),
  };
}

/** Without angle brackets. The null sender of reports is no key to look by: too many have it. */
function unwrappedOption(args: CommandArguments, name: string): string | undefined {
  const text = textOption(args, name)
    ?.trim()
    .replace(/^<(.*)>$/, '$1');
  if (text === '') throw new CommandFailure(`--${name} is empty: nothing is found by that`, EXIT.usage);
  return text;
}

/** Mail is found by the address that stood on it: of whoever has several, and of addresses that are nobody's, it is said. */
async function describeAddresses(system: System, args: CommandArguments): Promise<string> {
  const hints: string[] = [];
  for (const name of ['from', 'to'] as const) {
    const address = unwrappedOption(args, name);
    const domain = address === undefined ? undefined : parseAddress(address)?.domain;
    if (address === undefined || domain === undefined || !(await system.directory.isLocalDomain(domain))) continue;
    const found = await findAccount(system, address);
    const { addresses = [] } = (found && (await system.directory.senderStanding(found.accountId))) ?? {};
    const others = addresses.filter((one) => one !== address.toLowerCase());
    if (found !== undefined && others.length > 0) hints.push(`${address} has other addresses: ${others.join(', ')}`);
    if (found === undefined && (await system.directory.resolveAddress(address)).kind === 'unknownUser')
      hints.push(`there is no address ${address} here`);
  }
  return hints.map((hint) => `; ${hint}`).join('');
}

function describeMemory({ config }: System): string {
  return ` (what became of mail is kept for ${config.trace.keepDays} days)`;
}

function toCells({ queueId, at, direction, sender, recipients, subject }: TracedMessage): string[] {
  const [only] = recipients;
  const to = recipients.length === 1 && only !== undefined ? only : `${recipients.length} recipients`;
  return [
    queueId,
    formatTime(at),
    direction,
    `${toPrintable(`<${sender}>`)} to ${toPrintable(to)}`,
    toPrintable(subject),
  ];
}

async function describeTrace(system: System, { message, events }: Trace): Promise<string> {
  const { messageId, accountId, sizeBytes, remoteAddress, helo, recipients, at, direction } = message;
  const unnamed = recipients.length - RECIPIENTS_NAMED;
  const facts = [
    ['  Message-ID', toPrintable(messageId) || 'none'],
    ...(accountId === null ? [] : [['  account', await primaryAddress(system, accountId)]]),
    ['  size', formatSize(sizeBytes)],
    ['  from', toPrintable(`${remoteAddress} (${helo})`)],
    ...recipients.slice(0, RECIPIENTS_NAMED).map((address) => ['  to', toPrintable(address)]),
    ...(unnamed > 0 ? [['  to', `… and ${unnamed} more`]] : []),
  ];
  // From outside it may also have been refused, at its first recipient or as a whole.
  const begin = direction === 'in' ? 'offered' : 'taken';
  const timeline = [[`  ${formatTime(at)}`, begin], ...events.map(describeEvent)];
  return formatTable([toCells(message)]) + formatTable(facts) + formatTable(timeline);
}

function describeEvent({ at, kind, recipients = [], remote, tls, enhanced, text, until }: TraceEvent): string[] {
  const whom = recipients.length > EVENT_RECIPIENTS_NAMED ? `${recipients.length} recipients` : recipients.join(', ');
  const again = until === undefined ? undefined : `again at ${formatTime(until)}`;
  const words = [whom, remote, tls, enhanced, text, again].filter((word) => word !== undefined && word !== '');
  return [`  ${formatTime(at)}`, kind, toPrintable(words.join('  '), MAX_WORDS)];
}
