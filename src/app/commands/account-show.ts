/** `campusmail account show`: what there is to know of one account, save what is in its mail. */
import { EXIT, type StoreCommand } from '#app/command.ts';
import { isMailError } from '#base/errors.ts';
import { maskPhone } from '#directory/phone-number.ts';
import { isFrozen } from '#directory/stages.ts';
import { SECOND_STEPS } from '#directory/types.ts';
import type { ConsentRow, ForwardingRow, VacationRow } from '#directory/types.ts';
import { isAway } from '#directory/vacation.ts';
import type { MailboxListing } from '#mail/account.ts';
import { requireAccount } from './arguments/account.ts';
import { describeProspect, findProspects } from './idle.ts';
import { hasOption, positional } from './arguments/options.ts';
import { formatCount, formatNumberOf, formatQuota, formatSize } from './arguments/size.ts';
import { formatTable, toPrintable } from './arguments/table.ts';
import { formatTime } from './arguments/time.ts';

export const accountShow: StoreCommand = {
  name: 'account show',
  usage: 'ADDRESS [--json]',
  about: 'Show an account: addresses, state, forwarding, sign-in, mailboxes.',
  details: `
ADDRESS is any address of the account, the 学号 or 工号, or its number as #12.

  --json  answer in JSON`,
  options: { json: { type: 'boolean' } },
  positionals: [1, 1],
  needs: 'store',
  async run(system, args, io) {
    const { accountId, address, row } = await requireAccount(system, positional(args, 0));
    const account = system.mail.account(accountId);
    const status = await account.status().catch((error: unknown) => {
      if (isMailError(error, 'notFound')) return undefined;
      throw error;
    });
    const mailboxes = status === undefined ? [] : await account.mailboxes();
    const [forwarding] = await system.directory.forwardings([accountId]);
    const [vacation] = await system.directory.vacations([accountId]);
    const { addresses = [], serviceClass = null } = (await system.directory.senderStanding(accountId)) ?? {};
    const [consent] = await system.directory.consentsOf(accountId);
    const lastSignIn = (await system.journal.lastSignIns([accountId])).get(accountId);
    const idle = describeProspect((await findProspects(system, [row])).get(accountId));
    const [idleRow] = await system.directory.idlesOf([accountId]);
    const frozenAt = isFrozen(row.stage) ? (idleRow?.frozenAt ?? null) : null;
    const hold = (await system.directory.life(accountId))?.hold ?? '';
    const phone = await system.selfService.phoneOf(accountId);
    const maskedPhone = phone === undefined ? null : maskPhone(phone);
    const factors = await system.directory.factorsOf(accountId);
    const secondSteps = SECOND_STEPS.filter((step) => factors.some(({ kind }) => kind === step));
    const clientPasswords = factors.filter(({ kind }) => kind === 'client').length;
    const cohort = system.directory.lives.cohortOf(addresses);
    if (hasOption(args, 'json')) {
      const { usedBytes = 0, usedMessages = 0, quotaBytes = null, quotaMessages = null } = status ?? {};
      io.out(
        `${JSON.stringify({
          accountId,
          addresses,
          name: row.displayName,
          state: row.state,
          stage: row.stage,
          receives: row.receives,
          serviceClass,
          sending: row.sending,
          sendingNote: row.sendingNote,
          forwardsTo: forwarding?.targets ?? [],
          keepsCopy: forwarding?.keepsCopy ?? true,
          isAway: vacation !== undefined && isAway(vacation, system.clock.now()),
          createdAt: new Date(row.createdAt).toISOString(),
          lastSignIn: lastSignIn === undefined ? null : new Date(lastSignIn).toISOString(),
          idle,
          hold,
          phone: maskedPhone,
          secondSteps,
          clientPasswords,
          agreedTo: consent?.version ?? null,
          cohort: cohort ?? null,
          usedBytes,
          usedMessages,
          quotaBytes,
          quotaMessages,
          mailboxes: mailboxes.map(describeMailbox),
        })}\n`,
      );
      return EXIT.ok;
    }
    const facts = [
      ['account', `#${accountId}`],
      ['address', address],
      ...addresses.slice(1).map((alias) => ['alias', alias]),
      ['name', row.displayName === '' ? '-' : row.displayName],
      ['state', row.receives ? row.state : `${row.state}, mail to it is refused`],
      ['stage', frozenAt === null ? row.stage : `${row.stage} since ${formatTime(frozenAt)}, until its owner comes`],
      ['class', `${serviceClass}${row.serviceClass === null ? ', by its domain' : ''}`],
      ['sending', row.sending + (row.sendingNote === '' ? '' : `: ${row.sendingNote}`)],
      ['forwards', describeForwarding(forwarding)],
      ['vacation', describeVacation(vacation, system.clock.now())],
      ['created', new Date(row.createdAt).toISOString()],
      ['last in', lastSignIn === undefined ? '-' : new Date(lastSignIn).toISOString()],
      ['unused', idle === '' ? 'no' : idle],
      ['held', hold === '' ? 'no' : toPrintable(hold)],
      ['telephone', maskedPhone ?? 'none'],
      ['second', secondSteps.length === 0 ? 'no second step' : secondSteps.join(', ')],
      ['programs', formatNumberOf(clientPasswords, 'client password')],
      ['agreed', describeConsent(consent)],
    ];
    if (cohort !== undefined) facts.push(['cohort', cohort]);
    if (status === undefined) {
      io.out(formatTable(facts));
      io.out(`It has no mailboxes yet; make them by: campusmail account create ${address}\n`);
      return EXIT.ok;
    }
    const { usedBytes, usedMessages, quotaBytes } = status;
    facts.push(['quota', formatQuota(quotaBytes)]);
    facts.push(['used', `${formatSize(usedBytes)} in ${formatNumberOf(usedMessages, 'message')}`]);
    io.out(`${formatTable(facts)}\n`);
    io.out(formatTable([['mailbox', 'messages', 'unread', 'size'], ...mailboxes.map(toCells)]));
    return EXIT.ok;
  },
};

function describeConsent(row: ConsentRow | undefined): string {
  return row === undefined
    ? 'to nothing yet'
    : `to ${row.version} on ${new Date(row.agreedAt).toISOString()} from ${row.address}`;
}

function describeForwarding(row: ForwardingRow | undefined): string {
  if (row === undefined) return 'no';
  return `to ${row.targets.join(', ')}${row.keepsCopy ? '' : ', without a copy here'}`;
}

function describeVacation(row: VacationRow | undefined, nowMs: number): string {
  if (row?.isEnabled !== true) return 'no';
  const { from, until } = row;
  const times = [from === null ? '' : ` from ${formatTime(from)}`, until === null ? '' : ` until ${formatTime(until)}`];
  return `${isAway(row, nowMs) ? 'answers' : 'set, but not now:'}${times.join('')}`;
}

function describeMailbox({ path, role, subscribed, totalEmails, unreadEmails, sizeBytes }: MailboxListing) {
  return { path, role, subscribed, totalEmails, unreadEmails, sizeBytes };
}

function toCells({ path, totalEmails, unreadEmails, sizeBytes }: MailboxListing): string[] {
  return [path, formatCount(totalEmails), formatCount(unreadEmails), formatSize(sizeBytes)];
}
