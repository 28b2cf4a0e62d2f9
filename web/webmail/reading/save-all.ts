/** All attachments of a letter as one ZIP file, with their names as they are. */
import type { AttachmentView } from '#web/webmail/model.ts';
import { shownName } from './file-kinds.ts';

/** Octets together: the file is made in the page's memory. */
export const ZIP_BYTES = 300 * 1024 * 1024;

/** Names for one folder: no paths, and none twice. */
export function namesInFolder(names: readonly string[]): readonly string[] {
  const taken = new Set<string>();
  return names.map((given) => {
    const plain = shownName(given)
      .replace(/[\\/:*?"<>|]/g, '_')
      .replace(/^\.+/, '_');
    const dot = plain.lastIndexOf('.');
    const [stem, ending] = dot > 0 ? [plain.slice(0, dot), plain.slice(dot)] : [plain, ''];
    let name = plain;
    // Windows and macOS take A and a for the same.
    for (let count = 2; taken.has(name.toLowerCase()); count++) name = `${stem} (${count})${ending}`;
    taken.add(name.toLowerCase());
    return name;
  });
}

/** Rejects when one of them cannot be had. */
export async function zipAttachments(attachments: readonly AttachmentView[]): Promise<Blob> {
  const { zip } = await import('fflate');
  const names = namesInFolder(attachments.map(({ name }) => name));
  const entries: Record<string, Uint8Array> = {};
  for (const [at, { url }] of attachments.entries()) {
    const answer = await fetch(url);
    if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
    entries[names[at] ?? String(at)] = new Uint8Array(await answer.arrayBuffer());
  }
  // Stored as they are: most are packed already. Names beyond ASCII are marked as UTF-8 by the library.
  return new Promise((resolve, reject) =>
    zip(entries, { level: 0, consume: true }, (error, octets) =>
      error ? reject(error) : resolve(new Blob([octets], { type: 'application/zip' })),
    ),
  );
}

/** Gives a file to the browser to save. */
export function saveFile(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  saveFrom(url, name);
  // The browser has begun by then.
  window.setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** Has the browser save what an address of ours leads to. */
export function saveFrom(url: string, name: string): void {
  const link = document.createElement('a');
  link.href = url;
  link.download = shownName(name);
  link.click();
}
