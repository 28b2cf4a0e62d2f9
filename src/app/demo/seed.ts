/** Fills an empty store with the demonstration campus. A store that has its domain already is left alone. */
import { isMailError } from '#base/errors.ts';
import type { AccountId } from '#base/ids.ts';
import { newQueueId } from '#base/queue-id.ts';
import type { FilterRule } from '#directory/types.ts';
import { composeMessage } from '#mime/compose.ts';
import { formatDate } from '#mime/date.ts';
import type { MailAddress } from '#mime/structure.ts';
import { makeFirstKeys } from '#app/keep-dkim.ts';
import type { System } from '#app/system.ts';
import { ensureArchive } from './archive.ts';
import { ensureBoxes } from './boxes.ts';
import { bringDemoRoster } from './roster.ts';
import { DEMO_LETTERS, type DemoLetter } from './letters.ts';
import {
  ARCHIVE_DOMAIN,
  DEMO_PEOPLE,
  demoPerson,
  primaryAddress,
  OLD_DOMAIN,
  STAFF_DOMAIN,
  STUDENT_DOMAIN,
  type DemoPerson,
} from './people.ts';

/** Everybody's, on a server that listens on loopback alone. */
const DEMO_PASSWORD = 'campus-2026';

const DOMAINS = [STAFF_DOMAIN, STUDENT_DOMAIN, OLD_DOMAIN, ARCHIVE_DOMAIN];

/** Sizes a demonstration can show: 200 MB. */
const DEMO_QUOTA_BYTES = 200 * 1024 * 1024;

const HOUR_MS = 3_600_000;

/** Letters older than this have been read. */
const READ_AFTER_HOURS = 48;

/** Makes people and mail unless they are there; the password of all of them. */
export async function seedDemo(system: System): Promise<string> {
  const { directory } = system;
  for (const domain of DOMAINS) {
    await directory.addDomain(domain).catch(ignoreExisting);
  }
  const accounts = new Map<DemoPerson, AccountId>();
  const [isNew] = await Promise.all([
    Promise.all(DEMO_PEOPLE.map((person) => ensurePerson(system, person, accounts))),
    // Keys take their time; from the old domain little is sent.
    ...[STAFF_DOMAIN, STUDENT_DOMAIN].map((domain) => makeFirstKeys(system, domain)),
  ]);
  await bringDemoRoster(system);
  // Mail comes last: a start that was cut short begins again with whoever is missing, and mail without its people would not.
  if (isNew.every(Boolean)) {
    await makeFilter(system, accounts.get(demoPerson('zhang.san')) as AccountId);
    await deliverLetters(system, accounts);
  }
  await ensureBoxes(system, accounts);
  await ensureArchive(system, DEMO_PASSWORD);
  return DEMO_PASSWORD;
}

function ignoreExisting(error: unknown): void {
  if (!isMailError(error, 'alreadyExists')) throw error;
}

async function ensurePerson(
  { directory, mail }: System,
  person: DemoPerson,
  accounts: Map<DemoPerson, AccountId>,
): Promise<boolean> {
  const address = primaryAddress(person);
  const known = await directory.findAddress(address);
  const accountId =
    known?.accountId ?? (await directory.createAccount(address, DEMO_PASSWORD, { displayName: person.name }));
  accounts.set(person, accountId);
  if (person.alias !== undefined) {
    await directory.addAlias(accountId, `${person.alias}@${person.domain}`).catch(ignoreExisting);
    if (person.domain === STAFF_DOMAIN)
      await directory.addAlias(accountId, `${person.alias}@${OLD_DOMAIN}`).catch(ignoreExisting);
  }
  await mail.account(accountId).provision({ quotaBytes: DEMO_QUOTA_BYTES });
  return known === undefined;
}

/** A rule to look at, and one on the black list. */
async function makeFilter({ directory, mail }: System, accountId: AccountId): Promise<void> {
  const { mailboxId } = await mail.account(accountId).createMailbox({ path: '教务通知' });
  const rule: FilterRule = {
    name: '教务处的通知',
    isEnabled: true,
    match: 'all',
    conditions: [
      { field: 'from', test: 'is', value: `shan.lihua@${STAFF_DOMAIN}` },
      { field: 'subject', test: 'contains', value: '通知' },
    ],
    actions: { mailboxId, keywords: ['$flagged'], forwardTo: [] },
    stops: true,
  };
  const lists = { blocked: ['deals.example'], allowed: [`library@${STAFF_DOMAIN}`], blockedInto: 'junk' as const };
  await directory.setFilter({ accountId, rules: [rule], ...lists });
}

async function deliverLetters(
  { mail, clock, random, trace, config }: System,
  accounts: ReadonlyMap<DemoPerson, AccountId>,
): Promise<void> {
  const nowMs = clock.now();
  for (const letter of DEMO_LETTERS) {
    const sender = demoPerson(letter.from);
    const receivedAt = nowMs - letter.hoursAgo * HOUR_MS;
    const queueId = newQueueId(receivedAt, random);
    // By it a letter is found again when its author asks whether it has been read.
    const received = `Received: by ${config.hostname} with ESMTPSA id ${queueId};\r\n\t${formatDate(receivedAt, 480)}\r\n`;
    const letterOctets = composeLetter(letter, nowMs);
    const message = mail.prepareMessage(Buffer.concat([Buffer.from(received), letterOctets]));
    const readers = recipientsOf(letter).filter((person) => person !== sender);
    const senderAccount = mail.account(accounts.get(sender) as AccountId);
    const sentId = (await senderAccount.mailboxes()).find(({ role }) => role === 'sent')?.mailboxId;
    const keywords = [...(letter.keywords ?? []), ...(letter.hoursAgo > READ_AFTER_HOURS ? ['$seen'] : [])];
    await mail.appendAll([
      ...readers.map((person) => ({
        accountId: accounts.get(person) as AccountId,
        args: { source: 'system' as const, items: [{ message, mailboxes: ['inbox' as const], keywords, receivedAt }] },
      })),
      {
        accountId: senderAccount.accountId,
        args: {
          source: 'system',
          items: [
            {
              message: mail.prepareMessage(letterOctets),
              mailboxes: [sentId ?? 'inbox'],
              keywords: ['$seen'],
              receivedAt,
            },
          ],
        },
      },
    ]);
    const { summary } = message.digest;
    const recipients = summary.to.map(({ email }) => email);
    trace.message(
      {
        queueId,
        at: receivedAt,
        direction: 'out',
        accountId: senderAccount.accountId,
        sender: summary.from[0]?.email ?? '',
        recipients,
        messageId: summary.messageId[0] ?? '',
        subject: summary.subject,
        sizeBytes: message.blob.sizeBytes,
        remoteAddress: '127.0.0.1',
        helo: '',
      },
      [{ at: receivedAt, kind: letter.to.some((key) => key in GROUPS) ? 'redirected' : 'delivered', recipients }],
    );
  }
}

function recipientsOf(letter: DemoLetter): DemoPerson[] {
  const people = letter.to.flatMap((key) => {
    if (key === 'all') return DEMO_PEOPLE;
    if (key === 'staff') return DEMO_PEOPLE.filter(({ domain }) => domain === STAFF_DOMAIN);
    if (key === 'students') return DEMO_PEOPLE.filter(({ domain }) => domain === STUDENT_DOMAIN);
    return [demoPerson(key)];
  });
  return [...new Set(people)];
}

const GROUPS: Readonly<Record<string, MailAddress>> = {
  all: { name: '全体师生', email: `all@${STAFF_DOMAIN}` },
  staff: { name: '全体教工', email: `staff@${STAFF_DOMAIN}` },
  students: { name: '全体学生', email: `students@${STUDENT_DOMAIN}` },
};

function composeLetter(letter: DemoLetter, nowMs: number): Buffer {
  const messageIdOf = (key: string): string => `demo.${key}@${STAFF_DOMAIN}`;
  const toAddress = (person: DemoPerson): MailAddress => ({
    name: person.name,
    email: person.alias === undefined ? primaryAddress(person) : `${person.alias}@${person.domain}`,
  });
  return composeMessage({
    from: toAddress(demoPerson(letter.from)),
    to: letter.to.map((key) => GROUPS[key] ?? toAddress(demoPerson(key))),
    subject: letter.subject,
    text: letter.text,
    dateMs: nowMs - letter.hoursAgo * HOUR_MS,
    messageId: messageIdOf(letter.key),
    ...(letter.html === undefined ? {} : { html: letter.html }),
    ...(letter.attachments === undefined ? {} : { attachments: letter.attachments }),
    ...(letter.replyTo === undefined
      ? {}
      : { inReplyTo: messageIdOf(letter.replyTo), references: [messageIdOf(letter.replyTo)] }),
  });
}
