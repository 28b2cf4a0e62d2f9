/** `campusmail notice publish`, `edit`, `list`, `send`, `withdraw`: the school's notices (通知公告). */
import { readFile, stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { CommandFailure, EXIT, type CommandArguments, type CommandIo, type StoreCommand } from '#app/command.ts';
import { AUDIENCES, sendNotice } from '#app/send-notice.ts';
import { webOriginOf } from '#app/site.ts';
import type { System } from '#app/system.ts';
import { isMailError } from '#base/errors.ts';
import { NOTICE_LIMITS } from '#notices/limits.ts';
import type { NoticeRow } from '#notices/types.ts';
import { hasOption, positional, textOption } from './arguments/options.ts';
import { formatTable, toPrintable } from './arguments/table.ts';
import { formatTime } from './arguments/time.ts';

export const noticePublish: StoreCommand = {
  name: 'notice publish',
  usage: '--title TITLE [--number NUMBER] [--realm REALM] [--file FILE]... BODYFILE|-',
  about: 'Publish a notice on the web pages.',
  details: `
The text is plain UTF-8, paragraphs between blank lines. A line that begins
with "## " is a heading, lines that begin with "- " are a list, and addresses
of pages become links; nothing else is markup. It stands on the sign-in page
at once, and at /notices.

  --title TITLE    its headline
  --number NUMBER  its 文号
  --realm REALM    only for that realm's people, at its web pages
  --file FILE      an attachment; at most 5, of 10 MB each

Files are read by the server's user. campusmail notice send puts the notice
into mailboxes too.`,
  options: {
    title: { type: 'string' },
    number: { type: 'string' },
    realm: { type: 'string' },
    file: { type: 'string', multiple: true },
  },
  positionals: [1, 1],
  needs: 'store',
  async run(system, args, io) {
    const realm = findRealm(system, textOption(args, 'realm'));
    const title = textOption(args, 'title');
    if (title === undefined) throw new CommandFailure('a notice has a title: --title', EXIT.usage);
    const body = await readBody(io, positional(args, 0));
    const files: { readonly name: string; readonly content: Uint8Array }[] = [];
    const paths = listOf(args, 'file');
    if (paths.length > NOTICE_LIMITS.files)
      throw new CommandFailure(`a notice has at most ${NOTICE_LIMITS.files} files`, EXIT.usage);
    for (const path of paths)
      files.push({ name: basename(path), content: await read(io, path, NOTICE_LIMITS.fileBytes) });
    const number = textOption(args, 'number') ?? '';
    const realmName = realm?.name ?? null;
    const noticeId = await system.notices.publish({ number, title, body, realm: realmName, files }).catch(sayInWords);
    io.out(`Notice ${noticeId} is published: ${webOriginOf(system.config, realm)}/notices/${noticeId}\n`);
    return EXIT.ok;
  },
};

export const noticeEdit: StoreCommand = {
  name: 'notice edit',
  usage: 'ID [--title TITLE] [--number NUMBER] [BODYFILE|-]',
  about: 'Change the words of a notice.',
  details: `
What is not given stays. The page says from then on when it was changed; what
was put into mailboxes stays as it was. The files of a notice do not change:
withdraw it and publish another.

  --title TITLE    its headline
  --number NUMBER  its 文号; '' for none`,
  options: { title: { type: 'string' }, number: { type: 'string' } },
  positionals: [1, 2],
  needs: 'store',
  async run(system, args, io) {
    const [title, number] = [textOption(args, 'title'), textOption(args, 'number')];
    const source = args.positionals[1];
    if (title === undefined && number === undefined && source === undefined)
      throw new CommandFailure('nothing is to be changed: give --title, --number or a text', EXIT.usage);
    const { noticeId } = await requireNotice(system, args);
    const change = {
      ...(title !== undefined && { title }),
      ...(number !== undefined && { number }),
      ...(source !== undefined && { body: await readBody(io, source) }),
    };
    await system.notices.edit(noticeId, change).catch(sayInWords);
    io.out(`Notice ${noticeId} is changed.\n`);
    return EXIT.ok;
  },
};

export const noticeList: StoreCommand = {
  name: 'notice list',
  usage: '[--json]',
  about: 'List the notices, the newest first.',
  details: `
Shows id, when it was published, for whom, how often it was read, and title.

  --json  one JSON object a line`,
  options: { json: { type: 'boolean' } },
  positionals: [0, 0],
  needs: 'store',
  async run({ notices }, args, io) {
    let page = await notices.all();
    if (page.length === 0 && !hasOption(args, 'json')) io.out('There are no notices.\n');
    while (page.length > 0 && !io.signal.aborted) {
      if (hasOption(args, 'json')) io.out(page.map((notice) => `${JSON.stringify(notice)}\n`).join(''));
      else
        io.out(
          formatTable(
            page.map(({ noticeId, publishedAt, withdrawnAt, realm, views, number, title }) => [
              String(noticeId),
              formatTime(publishedAt),
              realm ?? 'everybody',
              withdrawnAt === null ? `${views} views` : 'withdrawn',
              toPrintable(number === '' ? title : `${title} (${number})`),
            ]),
          ),
        );
      page = await notices.all(page.at(-1)?.noticeId);
    }
    return EXIT.ok;
  },
};

export const noticeSend: StoreCommand = {
  name: 'notice send',
  usage: 'ID [--to all|staff|students|new|legacy]',
  about: "Put a notice into people's mailboxes.",
  details: `
Everybody has it once: another run goes on where one stopped, and tries again
those whose mailbox could not take it. A notice of a realm goes to its people
only. Attachments stay on the web page, which the mail names.

  --to WHOM  staff or students by their class; legacy: who has an address in
             a domain that is given up, new: who has none; all by default

Let one run end before the next. With failures the exit code is 1.`,
  options: { to: { type: 'string' } },
  positionals: [1, 1],
  needs: 'store',
  async run(system, args, io) {
    const to = textOption(args, 'to') ?? 'all';
    const audience = AUDIENCES.find((one) => one === to);
    if (audience === undefined)
      throw new CommandFailure(`a notice goes to ${AUDIENCES.join(', ')}, not to "${to}"`, EXIT.usage);
    const notice = await requireNotice(system, args);
    const { sent, had, failed } = await sendNotice(system, notice, audience, {
      signal: io.signal,
      onProgress: (count) => io.progress(`${count} mailboxes`),
    });
    io.progress('');
    io.out(`Notice ${notice.noticeId} was put into ${sent} mailboxes${had === 0 ? '' : `; ${had} had it already`}.\n`);
    for (const [code, count] of failed) io.err(`${count} mailboxes could not take it: ${code}\n`);
    return failed.size > 0 || io.signal.aborted ? EXIT.failed : EXIT.ok;
  },
};

export const noticeWithdraw: StoreCommand = {
  name: 'notice withdraw',
  usage: 'ID',
  about: 'Take a notice off the web pages, with its files.',
  details: `
What was put into mailboxes stays there.`,
  options: {},
  positionals: [1, 1],
  needs: 'store',
  async run(system, args, io) {
    const { noticeId } = await requireNotice(system, args);
    await system.notices.withdraw(noticeId);
    io.out(`Notice ${noticeId} is withdrawn.\n`);
    return EXIT.ok;
  },
};

/** One that stands. */
async function requireNotice({ notices }: System, args: CommandArguments): Promise<NoticeRow> {
  const text = positional(args, 0);
  const notice = /^\d{1,15}$/.test(text) ? await notices.findAny(Number(text)) : undefined;
  if (notice === undefined || notice.withdrawnAt !== null) throw new CommandFailure(`there is no notice ${text}`);
  return notice;
}

function findRealm({ config }: System, name: string | undefined): System['config']['realms'][number] | undefined {
  const realm = config.realms.find((one) => one.name === name);
  if (name !== undefined && realm === undefined)
    throw new CommandFailure(`there is no realm "${name}" in the settings`, EXIT.usage);
  return realm;
}

function sayInWords(error: unknown): never {
  if (isMailError(error, 'invalid') || isMailError(error, 'tooLarge')) throw new CommandFailure(error.message);
  throw error;
}

async function readBody(io: CommandIo, source: string): Promise<string> {
  // Four octets a character at most; what is longer is refused in words.
  return source === '-' ? io.readInput() : decode(await read(io, source, NOTICE_LIMITS.bodyLength * 4));
}

function listOf(args: CommandArguments, name: string): readonly string[] {
  const value = args.values[name];
  return Array.isArray(value) ? value.map(String) : [];
}

async function read({ cwd }: CommandIo, name: string, most: number): Promise<Uint8Array> {
  const path = resolve(cwd, name);
  try {
    const { size } = await stat(path);
    if (size > most) throw new CommandFailure(`${path} is larger than ${most} octets`);
    return await readFile(path);
  } catch (error) {
    if (error instanceof CommandFailure) throw error;
    throw new CommandFailure(`${path} cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'unknown'}`);
  }
}

function decode(octets: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(octets);
  } catch {
    throw new CommandFailure('the text is not UTF-8');
  }
}
