/**
 * A zip archive as it is made (APPNOTE.TXT 6.3): nobody knows beforehand how large its files become, so sizes follow them, and
 * may be beyond 4 GiB (Zip64). Names are UTF-8. Compressing is done outside of this thread.
 */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { crc32, createDeflateRaw } from 'node:zlib';

export interface ZipEntry {
  /** With `/` between folders. */
  readonly name: string;
  readonly content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

interface Written {
  readonly name: Buffer;
  readonly offset: number;
  readonly crc: number;
  readonly size: number;
  readonly packedSize: number;
}

/** Sizes follow (bit 3), the name is UTF-8 (bit 11). */
const FLAGS = 0x0808;
const DEFLATE = 8;
/** Version 4.5: Zip64. */
const VERSION = 45;
/** In place of a number that stands in the Zip64 field. */
const ELSEWHERE = 0xffff_ffff;
/** 1980-01-01, the first day there is. */
const FIRST_DAY = 0x21;

/** Entries one after another, at the reader's pace; what an entry throws ends it. */
export async function* makeZip(entries: AsyncIterable<ZipEntry>): AsyncGenerator<Uint8Array> {
  const written: Written[] = [];
  let offset = 0;
  for await (const { name, content } of entries) {
    const start = offset;
    const header = localHeader(Buffer.from(name));
    yield header;
    offset += header.length;
    const seen = { crc: 0, size: 0 };
    const deflate = createDeflateRaw({ level: 1 });
    const feeding = pipeline(Readable.from(count(content, seen)), deflate);
    // Told to whoever reads, below.
    feeding.catch(() => undefined);
    let packedSize = 0;
    for await (const chunk of deflate as AsyncIterable<Buffer>) {
      packedSize += chunk.length;
      yield chunk;
    }
    await feeding;
    const one = { name: Buffer.from(name), offset: start, ...seen, packedSize };
    written.push(one);
    const sizes = dataDescriptor(one);
    yield sizes;
    offset += packedSize + sizes.length;
  }
  const directory = Buffer.concat(written.map(directoryEntry));
  yield directory;
  yield endOf(written.length, offset, directory.length);
}

async function* count(content: ZipEntry['content'], seen: { crc: number; size: number }): AsyncGenerator<Uint8Array> {
  for await (const chunk of content) {
    seen.crc = crc32(chunk, seen.crc);
    seen.size += chunk.length;
    yield chunk;
  }
}

/** §4.3.7; the Zip64 field says that the sizes that follow have eight octets. */
function localHeader(name: Buffer): Buffer {
  const header = Buffer.alloc(30);
  header.writeUInt32LE(0x0403_4b50, 0);
  header.writeUInt16LE(VERSION, 4);
  header.writeUInt16LE(FLAGS, 6);
  header.writeUInt16LE(DEFLATE, 8);
  header.writeUInt16LE(FIRST_DAY, 12);
  header.writeUInt32LE(ELSEWHERE, 18);
  header.writeUInt32LE(ELSEWHERE, 22);
  header.writeUInt16LE(name.length, 26);
  const extra = zip64Field([0, 0]);
  header.writeUInt16LE(extra.length, 28);
  return Buffer.concat([header, name, extra]);
}

/** §4.3.9 */
function dataDescriptor({ crc, size, packedSize }: Written): Buffer {
  const descriptor = Buffer.alloc(24);
  descriptor.writeUInt32LE(0x0807_4b50, 0);
  descriptor.writeUInt32LE(crc, 4);
  descriptor.writeBigUInt64LE(BigInt(packedSize), 8);
  descriptor.writeBigUInt64LE(BigInt(size), 16);
  return descriptor;
}

/** §4.3.12 */
function directoryEntry({ name, offset, crc, size, packedSize }: Written): Buffer {
  const entry = Buffer.alloc(46);
  entry.writeUInt32LE(0x0201_4b50, 0);
  // Made on Unix, so that the rights below count.
  entry.writeUInt16LE((3 << 8) | VERSION, 4);
  entry.writeUInt16LE(VERSION, 6);
  entry.writeUInt16LE(FLAGS, 8);
  entry.writeUInt16LE(DEFLATE, 10);
  entry.writeUInt16LE(FIRST_DAY, 14);
  entry.writeUInt32LE(crc, 16);
  entry.writeUInt32LE(ELSEWHERE, 20);
  entry.writeUInt32LE(ELSEWHERE, 24);
  entry.writeUInt16LE(name.length, 28);
  const extra = zip64Field([size, packedSize, offset]);
  entry.writeUInt16LE(extra.length, 30);
  // A file that its owner alone reads.
  entry.writeUInt32LE(0o100_600 * 0x1_0000, 38);
  entry.writeUInt32LE(ELSEWHERE, 42);
  return Buffer.concat([entry, name, extra]);
}

/** §4.5.3 */
function zip64Field(numbers: readonly number[]): Buffer {
  const field = Buffer.alloc(4 + 8 * numbers.length);
  field.writeUInt16LE(1, 0);
  field.writeUInt16LE(8 * numbers.length, 2);
  for (const [i, number] of numbers.entries()) field.writeBigUInt64LE(BigInt(number), 4 + 8 * i);
  return field;
}

/** §4.3.14 to §4.3.16 */
function endOf(count: number, directoryOffset: number, directorySize: number): Buffer {
  const end = Buffer.alloc(56 + 20 + 22);
  end.writeUInt32LE(0x0606_4b50, 0);
  end.writeBigUInt64LE(44n, 4);
  end.writeUInt16LE((3 << 8) | VERSION, 12);
  end.writeUInt16LE(VERSION, 14);
  end.writeBigUInt64LE(BigInt(count), 24);
  end.writeBigUInt64LE(BigInt(count), 32);
  end.writeBigUInt64LE(BigInt(directorySize), 40);
  end.writeBigUInt64LE(BigInt(directoryOffset), 48);
  end.writeUInt32LE(0x0706_4b50, 56);
  end.writeBigUInt64LE(BigInt(directoryOffset + directorySize), 64);
  end.writeUInt32LE(1, 72);
  end.writeUInt32LE(0x0605_4b50, 76);
  for (const at of [84, 86]) end.writeUInt16LE(0xffff, at);
  for (const at of [88, 92]) end.writeUInt32LE(ELSEWHERE, at);
  return end;
}
