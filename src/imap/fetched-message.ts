/** One message while FETCH writes it: what the index and rows say, and what has to be read, read once. */
import { MailError } from '#base/errors.ts';
import type { MimePart } from '#mime/structure.ts';
import type { EmailId, ThreadId } from '#mail/types.ts';
import { findHeaderEnd } from './header-end.ts';
import { BODY_CHUNK_BYTES, HEADER_CHUNK_BYTES } from './limits.ts';
import type { Session } from './session.ts';

export interface ListRow {
  readonly receivedAt: number;
  readonly sizeBytes: number;
  readonly imapEnvelope: string;
}

const NO_ROW: ListRow = { receivedAt: 0, sizeBytes: 0, imapEnvelope: '' };
const NOTHING = Buffer.alloc(0);

/** Used for one message after another (`begin`), so that a long FETCH makes no objects. */
export class FetchedMessage {
  readonly session: Session;
  uid = 0;
  emailId = 0 as EmailId;
  threadId = 0 as ThreadId;
  /** Bits of FLAG. */
  bits = 0;
  keywords: readonly string[] = [];
  modSeq = 0;
  /** Only with NEEDS.LIST_ROW. */
  row: ListRow = NO_ROW;
  #structure: MimePart | undefined;
  /** Octets read last, and where they begin. */
  #octets: Buffer = NOTHING;
  #octetsStart = 0;
  #headerEnd = -1;

  constructor(session: Session) {
    this.session = session;
  }

  /** Forgets what was read of the message before. */
  begin(uid: number, emailId: EmailId): void {
    this.uid = uid;
    this.emailId = emailId;
    this.#structure = undefined;
    this.#octets = NOTHING;
    this.#octetsStart = 0;
    this.#headerEnd = -1;
  }

  /** Throws `notFound` when the message is gone. */
  async structure(): Promise<MimePart> {
    this.#structure ??= await this.session.selected.account.structure(this.emailId);
    if (this.#structure === undefined) throw new MailError('notFound', 'no such message');
    return this.#structure;
  }

  /** Octets [start, end). Throws `notFound`, `unavailable`. */
  async read(start: number, end: number): Promise<Buffer> {
    const from = start - this.#octetsStart;
    const to = end - this.#octetsStart;
    if (from >= 0 && to <= this.#octets.length) return this.#octets.subarray(from, to);
    const octets = await this.session.selected.account.readMessage(this.emailId, start, end);
    if (octets.length !== end - start) throw new MailError('unavailable', 'the message is damaged');
    this.#octets = octets;
    this.#octetsStart = start;
    return octets;
  }

  /** The next octets of [start, end), not more than are sent at a time. */
  readChunk(start: number, end: number): Promise<Buffer> {
    return this.read(start, Math.min(end, start + BODY_CHUNK_BYTES));
  }

  /** Where the message's header ends: after the empty line, or at the message's end. Needs the list row. */
  async headerEnd(): Promise<number> {
    const { sizeBytes } = this.row;
    for (let chunkBytes = HEADER_CHUNK_BYTES; this.#headerEnd < 0; chunkBytes *= 8) {
      const known = Math.min(sizeBytes, chunkBytes);
      this.#headerEnd = findHeaderEnd(await this.read(0, known), known === sizeBytes);
    }
    return this.#headerEnd;
  }
}
