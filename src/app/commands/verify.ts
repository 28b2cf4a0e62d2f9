/** `campusmail verify`: reads every message and compares every count; says whose mail is damaged. */
import { EXIT, type CommandIo, type StoreCommand } from '#app/command.ts';
import type { System } from '#app/system.ts';
import { errorText } from '#base/errors.ts';
import type { AccountId, EmailId } from '#base/ids.ts';
import { primaryAddress } from './arguments/account.ts';
import { hasOption } from './arguments/options.ts';
import { formatCount, formatNumberOf, formatSize } from './arguments/size.ts';
import { toPrintable } from './arguments/table.ts';

export const verify: StoreCommand = {
  name: 'verify',
  usage: '[--json]',
  about: 'Read every stored message and check every count.',
  details: `
Compares each message with its hash, then the counts, sizes and references of
every account with each other. Takes as long as reading all of the disk; the
server goes on serving. Damaged messages are named with account, mailbox,
subject and date. Exit code 1 when anything is wrong.

  --json  one JSON object for each damage`,
  options: { json: { type: 'boolean' } },
  positionals: [0, 0],
  needs: 'store',
  async run(system, args, io) {
    const isJson = hasOption(args, 'json');
    const damaged = await scrub(system, isJson, io);
    if (io.signal.aborted) return EXIT.failed;
    io.progress('checking counts and references …');
    const contradiction = await system.mailStore.checkInvariants().then(
      () => undefined,
      (error: unknown) => errorText(error),
    );
    io.progress('');
    if (contradiction !== undefined) {
      if (isJson) io.out(`${JSON.stringify({ contradiction })}\n`);
      else io.out(`The store contradicts itself: ${contradiction}\nRestore it from a backup (campusmail restore).\n`);
    } else if (!isJson) {
      io.out('Counts and references agree.\n');
    }
    return damaged > 0 || contradiction !== undefined ? EXIT.failed : EXIT.ok;
  },
};

/** How many blobs are damaged. Tells each, and a summary. */
export async function scrub(system: System, isJson: boolean, io: CommandIo): Promise<number> {
  let damaged = 0;
  let checked = 0;
  let bytes = 0;
  for await (const event of system.maintenance.scrub()) {
    if (io.signal.aborted) break;
    if (event.kind === 'progress') {
      checked = event.checkedBlobs;
      bytes = event.checkedBytes;
      io.progress(
        `${formatCount(checked)} of ${formatNumberOf(event.totalBlobs, 'message')}, ${formatSize(bytes)} read`,
      );
      continue;
    }
    damaged++;
    io.progress('');
    const emails = await Promise.all(
      event.hurt.slice(0, EMAILS_TOLD).map(({ accountId, emailId }) => describeEmail(system, accountId, emailId)),
    );
    if (isJson) {
      const { hash, segment, reason, hurt } = event;
      io.out(`${JSON.stringify({ hash, segment, reason, emailsHurt: hurt.length, emails })}\n`);
      continue;
    }
    io.out(`Damaged: message ${event.hash.slice(0, 16)}… in segment ${event.segment}: ${event.reason}\n`);
    for (const { address, mailboxes, subject, receivedAt } of emails) {
      io.out(
        `  ${address}, ${mailboxes.map((path) => toPrintable(path)).join(', ')}: "${toPrintable(subject)}" of ${receivedAt}\n`,
      );
    }
    if (event.hurt.length > emails.length) io.out(`  and ${formatCount(event.hurt.length - emails.length)} more\n`);
    if (event.hurt.length === 0) io.out('  nobody has it any more; campusmail gc drops it\n');
  }
  io.progress('');
  if (isJson || io.signal.aborted) return damaged;
  const amount = `${formatNumberOf(checked, 'message')} (${formatSize(bytes)} on disk)`;
  io.out(damaged === 0 ? `All ${amount} are whole.\n` : `${formatCount(damaged)} of ${amount} are damaged.\n`);
  if (damaged > 0) io.out('Bring them back from a backup; docs/operations/backup.md tells how.\n');
  return damaged;
}

/** An announcement to everybody is one blob. */
const EMAILS_TOLD = 20;

async function describeEmail(system: System, accountId: AccountId, emailId: EmailId) {
  const account = system.mail.account(accountId);
  const [address, [email], [row], mailboxes] = await Promise.all([
    primaryAddress(system, accountId),
    account.emails([emailId]),
    account.listRows([emailId]),
    account.mailboxes(),
  ]);
  const paths = (email?.placements ?? []).map(
    ({ mailboxId }) => mailboxes.find((mailbox) => mailbox.mailboxId === mailboxId)?.path ?? `#${mailboxId}`,
  );
  return {
    address,
    mailboxes: paths,
    subject: row?.summary.subject ?? '',
    receivedAt: new Date(email?.receivedAt ?? 0).toISOString(),
  };
}
