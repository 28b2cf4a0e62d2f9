/** `campusmail trace`: what became of a message, for whoever answers the telephone. */
import { CommandFailure, EXIT, type StoreCommand } from '#app/command.ts';
import { isQueueId } from '#base/queue-id.ts';
import type { Trace, TracedMessage } from '#trace/types.ts';

const MAX_LISTED = 1000;

export const trace: StoreCommand = {
  name: 'trace',
  usage: '[ID] [--message-id ID] [--from ADDRESS] [--to ADDRESS] [--since TIME] [--until TIME] [--limit N]',
  about: 'Show what became of a message, by its id, its Message-ID, sender or recipient.',
  details: `
ID is what replies, Received lines and reports call it. Several messages are
listed, the newest first; a single one is shown with all that happened to it.

  --message-id ID  the message's Message-ID, with or without angle brackets
  --from ADDRESS   the sender (of the envelope)
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
  async run({ traceStore, trace: recorder }, { positionals, values }, io) {
    await recorder.flush();
    const text = (name: string): string | undefined =>
      values[name] === undefined ? undefined : String(values[name]).trim();
    const limit = Number(text('limit') ?? 20);
    if (!Number.isSafeInteger(limit) || limit < 1 || limit > MAX_LISTED)
      throw new CommandFailure(`--limit takes a number from 1 to ${MAX_LISTED}`, EXIT.usage);
    const [id] = positionals;
    if (id !== undefined) {
      const found = isQueueId(id) ? await traceStore.reader.trace(id) : undefined;
      if (found === undefined) throw new CommandFailure(`no message ${show(id)} is known`, EXIT.failed);
      io.out(describeTrace(found));
      return EXIT.ok;
    }
    const messageId = text('message-id')?.replace(/^<|>$/g, '');
    const query = {
      ...(messageId === undefined ? {} : { messageId }),
      ...(values['from'] === undefined ? {} : { sender: text('from')?.toLowerCase() ?? '' }),
      ...(values['to'] === undefined ? {} : { recipient: text('to')?.toLowerCase() ?? '' }),
    };
    if (Object.keys(query).length === 0)
      throw new CommandFailure('say which: an ID, --message-id, --from or --to', EXIT.usage);
    const since = readTime(text('since'), '--since');
    const until = readTime(text('until'), '--until');
    const found = await traceStore.reader.find(
      { ...query, ...(since === undefined ? {} : { from: since }), ...(until === undefined ? {} : { to: until }) },
      limit,
    );
    const [only] = found;
    if (only === undefined) throw new CommandFailure('no such message is known', EXIT.failed);
    const whole = found.length === 1 ? await traceStore.reader.trace(only.queueId) : undefined;
    io.out(whole === undefined ? found.map(describeMessage).join('') : describeTrace(whole));
    return EXIT.ok;
  },
};

function readTime(text: string | undefined, option: string): number | undefined {
  if (text === undefined) return undefined;
  const at = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)?)?$/.test(text)
    ? Date.parse(text.includes('T') ? text : `${text}T00:00`)
    : Number.NaN;
  if (Number.isNaN(at)) throw new CommandFailure(`${option} takes a time such as 2026-09-16T10:00`, EXIT.usage);
  return at;
}

function describeMessage({ queueId, at, direction, sender, recipients, subject }: TracedMessage): string {
  const to = recipients.length === 1 ? show(recipients[0] ?? '') : `${recipients.length} recipients`;
  return `${queueId}  ${showTime(at)}  ${direction.padEnd(3)}  <${show(sender)}> to ${to}  ${show(subject)}\n`;
}

function describeTrace({ message, events }: Trace): string {
  const { messageId, sizeBytes, remoteAddress, helo, recipients, at } = message;
  const lines = [
    describeMessage(message).trimEnd(),
    `  Message-ID  ${show(messageId) || 'none'}`,
    `  size        ${sizeBytes} octets`,
    `  from        ${show(remoteAddress)} (${show(helo)})`,
    ...recipients.slice(0, 20).map((address) => `  to          ${show(address)}`),
    ...(recipients.length > 20 ? [`  to          … and ${recipients.length - 20} more`] : []),
    `  ${showTime(at)}  taken`,
  ];
  for (const event of events) {
    const whom = event.recipients ?? [];
    const about =
      whom.length === 0 || whom.length > 3
        ? whom.length > 3
          ? `${whom.length} recipients`
          : ''
        : whom.map(show).join(', ');
    const words = [about, event.remote, event.enhanced, event.text].filter((part) => part !== undefined && part !== '');
    lines.push(
      `  ${showTime(event.at)}  ${event.kind.padEnd(10)} ${words.map((part) => show(String(part))).join('  ')}`,
    );
  }
  return `${lines.join('\n')}\n`;
}

function showTime(at: number): string {
  return new Date(at)
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, ' UTC');
}

/** What strangers wrote never steers the terminal. */
function show(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}]/gu, '?');
}
