/** The octets of a blob that some row names. */
import { type BlobFiles, SegmentGone, damaged } from '#store/files/blob-files.ts';
import type { SqlSession, SqlValue } from './session.ts';

/**
 * `from` is the rest of a SELECT over `blob` and the row that names it. Octets [start, end), clamped; undefined when
 * there is no such row. Throws `unavailable` when they are damaged.
 */
export async function readBlob(
  session: SqlSession,
  blobs: BlobFiles,
  from: string,
  parameters: readonly SqlValue[],
  range: { readonly start?: number | undefined; readonly end?: number | undefined } = {},
): Promise<Buffer | undefined> {
  for (let attempt = 1; ; attempt++) {
    const row = await session.get<[number, number, number, number]>(
      `SELECT segment, segment_offset, stored_bytes, blob.size_bytes ${from}`,
      parameters,
    );
    if (row === undefined) return undefined;
    const location = { segment: row[0], offset: row[1], storedBytes: row[2] };
    try {
      return await blobs.read(location, row[3], range.start, range.end);
    } catch (error) {
      if (!(error instanceof SegmentGone)) throw error;
      // The segment was compacted between look-up and reading; a second miss means that it is lost.
      if (attempt === 2) throw damaged(location, error);
    }
  }
}
