/** An mbox file as a source of messages. Ids are offsets of From_ lines. */
import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { hash } from 'node:crypto';
import { CommandFailure } from '#app/command.ts';
import { formatSize } from '#app/commands/arguments/size.ts';
import type { ImportLedger } from './ledger.ts';
import { TRANSFER_LIMITS } from './limits.ts';
import { readMboxMessage } from './mbox-message.ts';
import { MboxSplitter, type MboxMessage } from './mbox-splitter.ts';
import type { MailSource, SourceItem } from './source.ts';

/** Throws CommandFailure when it cannot be read or is no mbox. */
export async function openMbox(path: string, messageLimitBytes: number): Promise<MailSource> {
  const { size } = await stat(path);
  let done = 0;
  /** Where the message of each id ends, for those under way; not for failed ones that are tried again. */
  const ends = new Map<string, number>();

  async function* readFrom(start: number): AsyncGenerator<MboxMessage> {
    const splitter = new MboxSplitter(messageLimitBytes, start);
    const refuse = (): void => {
      if (!splitter.isNoMbox) return;
      throw new CommandFailure(
        start === 0
          ? `${path} is no mbox: it does not begin with a line of the form "From name date"`
          : `${path} goes on at octet ${start} without a From_ line: was it being written at the last import?`,
      );
    };
    for await (const chunk of createReadStream(path, { start, highWaterMark: TRANSFER_LIMITS.readBytes })) {
      yield* splitter.push(chunk as Buffer);
      refuse();
    }
    yield* splitter.end();
    refuse();
  }

  function toItem(message: MboxMessage): SourceItem {
    const id = String(message.start);
    if (message.raw === undefined) {
      const reason = `has ${formatSize(message.sizeBytes)}, more than limits.message_bytes (${formatSize(messageLimitBytes)})`;
      return { kind: 'failure', id, reason };
    }
    const { octets, keywords, deleted, receivedAt, isLeftover } = readMboxMessage(message.fromLine, message.raw);
    if (isLeftover || octets.length === 0) return { kind: 'skip', id };
    return { kind: 'message', id, levels: [], octets, keywords, deleted, receivedAt };
  }

  async function fingerprint(offset: number): Promise<string> {
    const length = Math.min(offset, TRANSFER_LIMITS.fingerprintBytes);
    const file = await open(path);
    try {
      const buffer = Buffer.alloc(length);
      const { bytesRead } = await file.read(buffer, 0, length, offset - length);
      return hash('sha256', buffer.subarray(0, bytesRead), 'base64url').slice(0, 22);
    } finally {
      await file.close();
    }
  }

  return {
    progress: () => `${formatSize(done)} of ${formatSize(size)}`,
    async *read(ledger: ImportLedger) {
      for (const id of ledger.failed) {
        for await (const message of readFrom(Number(id))) {
          yield toItem(message);
          break;
        }
      }
      done = ledger.offset;
      if (done >= size) return;
      for await (const message of readFrom(done)) {
        done = message.end;
        ends.set(String(message.start), message.end);
        yield toItem(message);
      }
    },
    async mark(lastId) {
      const offset = ends.get(lastId);
      ends.clear();
      return offset === undefined ? undefined : { offset, fingerprint: await fingerprint(offset) };
    },
    async isAsRemembered({ offset, fingerprint: remembered }) {
      return offset === 0 || (offset <= size && (await fingerprint(offset)) === remembered);
    },
  };
}
