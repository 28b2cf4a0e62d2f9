/** A Maildir++ tree as a source of messages: `.Sent.2019` below the root, or folders inside folders. Ids are paths without flags. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { CommandFailure } from '#app/command.ts';
import { formatCount, formatNumberOf, formatSize } from '#app/commands/arguments/size.ts';
import { errorText } from '#base/errors.ts';
import { toCrlf } from './crlf.ts';
import { readMaildirFlags } from './keywords.ts';
import type { ImportLedger } from './ledger.ts';
import { TRANSFER_LIMITS } from './limits.ts';
import { readLevel } from './maildir-name.ts';
import type { MailSource, SourceItem } from './source.ts';

interface Folder {
  readonly path: string;
  readonly levels: readonly string[];
  /** Paths of its files, the oldest name first. */
  readonly files: readonly string[];
}

/** Throws CommandFailure when there is no Maildir at `root`. */
export async function openMaildir(root: string, messageLimitBytes: number): Promise<MailSource> {
  const folders = await findFolders(root);
  if (folders.length === 0) throw new CommandFailure(`${root} is no Maildir: there is no folder "cur" in it`);
  const total = folders.reduce((sum, { files }) => sum + files.length, 0);
  let seen = 0;

  async function readItem(
    path: string,
    id: string,
    folder: Folder,
    names: ReadonlyMap<string, string>,
  ): Promise<SourceItem> {
    try {
      const { size, mtimeMs } = await stat(path);
      if (size > messageLimitBytes) {
        const reason = `has ${formatSize(size)}, more than limits.message_bytes (${formatSize(messageLimitBytes)})`;
        return { kind: 'failure', id, reason };
      }
      const octets = toCrlf(await readFile(path));
      if (octets.length === 0) return { kind: 'skip', id };
      const info = basename(dirname(path)) === 'cur' ? readInfo(basename(path)) : '';
      const flags = readMaildirFlags(info, names);
      return { kind: 'message', id, levels: folder.levels, octets, receivedAt: Math.floor(mtimeMs), ...flags };
    } catch (error) {
      return { kind: 'failure', id, reason: `cannot be read: ${errorText(error)}` };
    }
  }

  return {
    progress: () => `${formatCount(seen)} of ${formatNumberOf(total, 'file')}`,
    async *read(ledger: ImportLedger) {
      for (const folder of folders) {
        const names = await readKeywordNames(folder.path);
        for (const path of folder.files) {
          seen++;
          const id = join(folder.path.slice(root.length), uniqueName(basename(path)));
          if (!ledger.done.has(id)) yield await readItem(path, id, folder, names);
        }
      }
    },
    mark: () => Promise.resolve(undefined),
    isAsRemembered: () => Promise.resolve(true),
  };
}

async function findFolders(root: string): Promise<Folder[]> {
  const found: Folder[] = [];
  const visit = async (path: string, levels: readonly string[]): Promise<void> => {
    const entries = await readdir(path, { withFileTypes: true });
    const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
    if (names.includes('cur')) found.push({ path, levels, files: await listFiles(path) });
    if (levels.length >= TRANSFER_LIMITS.folderDepth) return;
    for (const name of names.toSorted()) {
      if (name === 'cur' || name === 'new' || name === 'tmp') continue;
      const below = name.startsWith('.') ? name.slice(1).split('.') : [name];
      await visit(join(path, name), [...levels, ...below.map(readLevel)]);
    }
  };
  await visit(root, []);
  return found;
}

async function listFiles(folder: string): Promise<string[]> {
  const lists = await Promise.all(
    ['cur', 'new'].map(async (name) => {
      const entries = await readdir(join(folder, name)).catch((): string[] => []);
      return entries.filter((entry) => !entry.startsWith('.')).map((entry) => join(folder, name, entry));
    }),
  );
  // Names begin with the time of delivery.
  return lists.flat().toSorted((a, b) => compare(basename(a), basename(b)));
}

function compare(a: string, b: string): number {
  return parseInt(a, 10) - parseInt(b, 10) || (a < b ? -1 : a > b ? 1 : 0);
}

/** A name without its flags: it stays the same when the message is read. `;2,` and `!2,` are Windows' `:2,`. */
function uniqueName(name: string): string {
  return name.replace(/[:;!]2,[^:;!]*$/, '');
}

function readInfo(name: string): string {
  return /[:;!]2,([^:;!]*)$/.exec(name)?.[1] ?? '';
}

/** Dovecot's file: `0 $Forwarded` says what the letter `a` stands for. */
async function readKeywordNames(folder: string): Promise<Map<string, string>> {
  const text = await readFile(join(folder, 'dovecot-keywords'), 'utf8').catch(() => '');
  const names = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, number, name] = /^(\d{1,2}) (\S+)/.exec(line) ?? [];
    if (name !== undefined && Number(number) < 26) names.set(String.fromCharCode(97 + Number(number)), name);
  }
  return names;
}
