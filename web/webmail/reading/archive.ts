/** ZIP archives, and the office documents that are some: what is in them, within bounds whatever they claim. Pure. */
import { unzipSync, zipSync, type UnzipFileInfo } from 'fflate';

/** Files of an archive that are listed, or looked into. */
const MOST_FILES = 5_000;
/** Octets that an archive unpacks to; a page has to hold them. */
const UNPACKED_BYTES = 100 * 1024 * 1024;

export interface ArchiveEntry {
  readonly name: string;
  readonly sizeBytes: number;
}

/** Throws for what is no archive. */
export function listArchive(octets: Uint8Array): {
  readonly entries: readonly ArchiveEntry[];
  readonly isCut: boolean;
} {
  const entries: ArchiveEntry[] = [];
  let count = 0;
  unzipSync(octets, {
    filter({ name, originalSize }) {
      count += 1;
      if (count <= MOST_FILES) entries.push({ name: decodeName(name), sizeBytes: originalSize });
      return false;
    },
  });
  return { entries, isCut: count > MOST_FILES };
}

/** The files that are `wanted`, unpacked. Throws for what is no archive, and when they are too many or too large. */
export function unpack(octets: Uint8Array, wanted: (name: string) => boolean): Readonly<Record<string, Uint8Array>> {
  let [count, bytes] = [0, 0];
  const filter = ({ name, originalSize }: UnzipFileInfo): boolean => {
    if (!wanted(name)) return false;
    count += 1;
    bytes += originalSize;
    if (count > MOST_FILES || bytes > UNPACKED_BYTES) throw new RangeError('the archive is too large to look into');
    return true;
  };
  // Each is unpacked into as many octets as it says to have, and no more.
  return unzipSync(octets, { filter });
}

/** The same archive with nothing in it that could swell: for libraries that unpack by themselves. */
export function tame(octets: Uint8Array): Uint8Array<ArrayBuffer> {
  return zipSync(
    unpack(octets, () => true),
    { level: 0 },
  );
}

/** A name without the mark of UTF-8 was read as Latin-1: in China it is GB 18030, where it is not UTF-8 after all. */
function decodeName(name: string): string {
  if (!/[\u0080-\u00ff]/.test(name) || /[^\u0000-\u00ff]/.test(name)) return name;
  const octets = Uint8Array.from(name, (character) => character.charCodeAt(0));
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(octets);
  } catch {
    return new TextDecoder('gb18030').decode(octets);
  }
}
