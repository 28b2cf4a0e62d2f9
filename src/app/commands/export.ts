/** `campusmail export`: all mail of an account as files that other programs read. */
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { CommandFailure, EXIT, type CommandIo, type StoreCommand } from '#app/command.ts';
import type { System } from '#app/system.ts';
import { errorText } from '#base/errors.ts';
import type { MailAccount, MailboxListing } from '#mail/account.ts';
import { requireAccount } from './arguments/account.ts';
import { makeEmptyFolder } from './arguments/folder.ts';
import { positional, textOption } from './arguments/options.ts';
import { formatCount, formatMail, formatNumberOf } from './arguments/size.ts';
import type { ExportTarget } from './transfer/export-target.ts';
import { TRANSFER_LIMITS } from './transfer/limits.ts';
import { MaildirTarget } from './transfer/maildir-target.ts';
import { MboxTarget } from './transfer/mbox-target.ts';
import { readMailbox } from './transfer/read-mailbox.ts';

interface Tally {
  messages: number;
  bytes: number;
  readonly failures: string[];
}

export const exportCommand: StoreCommand = {
  name: 'export',
  usage: 'ADDRESS DIR [--format maildir|mbox]',
  about: 'Write all mail of an account to files.',
  details: `
DIR is made; it must be empty or not exist. mailboxes.json in it tells which
mailbox is where. Keywords and flags, dates and mailbox names come back by
campusmail import.

  --format maildir  Maildir++, a file for each message (the default)
  --format mbox     mboxrd, a file for each mailbox

The files belong to the server's user. Messages that cannot be read are listed
at the end; the exit code is 1 then.`,
  options: { format: { type: 'string' } },
  positionals: [2, 2],
  needs: 'store',
  async run(system, args, io) {
    const format = textOption(args, 'format') ?? 'maildir';
    if (format !== 'maildir' && format !== 'mbox') {
      throw new CommandFailure(`--format is maildir or mbox, not "${format}"`, EXIT.usage);
    }
    const { accountId, address } = await requireAccount(system, positional(args, 0));
    const folder = resolve(io.cwd, positional(args, 1));
    await makeEmptyFolder(folder);
    const account = system.mail.account(accountId);
    const target = format === 'mbox' ? new MboxTarget(folder) : new MaildirTarget(folder, system.config.hostname);
    const tally: Tally = { messages: 0, bytes: 0, failures: [] };
    const places: object[] = [];
    try {
      const mailboxes = await account.mailboxes();
      const total = mailboxes.reduce((sum, { totalEmails }) => sum + totalEmails, 0);
      for (const mailbox of mailboxes) {
        const place = await target.openMailbox(mailbox.path);
        places.push({ mailbox: mailbox.path, role: mailbox.role, subscribed: mailbox.subscribed, place });
        await exportMailbox(system, account, mailbox, target, tally, total, io);
        await target.closeMailbox();
      }
      await writeFile(join(folder, 'mailboxes.json'), `${JSON.stringify(places, null, 2)}\n`, { mode: 0o600 });
    } catch (error) {
      await target.closeMailbox().catch(() => undefined);
      if (error instanceof Error && 'syscall' in error) {
        throw new CommandFailure(`cannot write to ${folder}: ${errorText(error)}`);
      }
      throw error;
    } finally {
      io.progress('');
    }
    io.out(`Exported ${formatMail(tally.messages, tally.bytes)} of ${address} to ${folder}.\n`);
    if (tally.failures.length === 0) return EXIT.ok;
    io.err(`${formatNumberOf(tally.failures.length, 'message')} could not be read:\n`);
    for (const failure of tally.failures.slice(0, TRANSFER_LIMITS.failuresTold)) io.err(`  ${failure}\n`);
    return EXIT.failed;
  },
};

async function exportMailbox(
  { mailStore, clock }: System,
  account: MailAccount,
  mailbox: MailboxListing,
  target: ExportTarget,
  tally: Tally,
  total: number,
  io: CommandIo,
): Promise<void> {
  let shownAt = clock.monotonic();
  for await (const message of readMailbox(mailStore, account, mailbox)) {
    if (io.signal.aborted) throw new CommandFailure('interrupted; what is written so far is not complete');
    if (typeof message === 'string') tally.failures.push(message);
    else {
      await target.write(message);
      tally.messages++;
      tally.bytes += message.octets.length;
    }
    if (clock.monotonic() - shownAt < 500) continue;
    shownAt = clock.monotonic();
    io.progress(`${formatCount(tally.messages)} of ${formatCount(total)} messages, ${mailbox.path}`);
  }
}
