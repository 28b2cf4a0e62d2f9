/**
 * What attachments say (PDF, DOCX, XLSX, PPTX), read in a thread of its own with a bounded heap and a time limit: a file
 * that takes more ends the thread and says nothing.
 */
import { Worker } from 'node:worker_threads';
import type { Clock } from '#base/clock.ts';
import type { Logger } from '#base/log.ts';
import { decodePart } from '#mime/body-text.ts';
import type { MimePart } from '#mime/structure.ts';
import { fileKind } from './files/file-kind.ts';
import type { FileReply, FileRequest } from './files/file-thread.ts';
import { SEARCH_LIMITS } from './limits.ts';

export class FileReader {
  readonly #clock: Clock;
  readonly #log: Logger;
  #worker: Worker | undefined;

  constructor(clock: Clock, log: Logger) {
    this.#clock = clock;
    this.#log = log;
  }

  /** The texts of a message's files, a line each at least. Never throws. One message at a time. */
  readonly readFiles = async (octets: Buffer, structure: MimePart): Promise<string> => {
    let text = '';
    for (const part of listFiles(structure).slice(0, SEARCH_LIMITS.files)) {
      if (text.length >= SEARCH_LIMITS.textChars) break;
      // Transfer encodings take a third more.
      if (part.bodyEnd - part.bodyStart > SEARCH_LIMITS.fileBytes * 1.4) continue;
      const kind = fileKind(part);
      if (kind === undefined) continue;
      const reply = await this.#ask({ kind, octets: decodePart(octets, part) });
      if ('text' in reply) text += `${reply.text}\n`;
      else this.#log.debug({ kind, reason: reply.trouble }, 'an attachment could not be read for the index');
    }
    return text.slice(0, SEARCH_LIMITS.textChars);
  };

  async close(): Promise<void> {
    await this.#end();
  }

  async #ask(request: FileRequest): Promise<FileReply> {
    this.#worker ??= new Worker(new URL('./files/file-thread.ts', import.meta.url), {
      name: 'file-reader',
      resourceLimits: { maxOldGenerationSizeMb: SEARCH_LIMITS.readerHeapMb },
      stdout: true,
      stderr: true,
    });
    const worker = this.#worker;
    const { promise, resolve } = Promise.withResolvers<FileReply>();
    let isSpent = false;
    const giveUp = (trouble: string): void => {
      isSpent = true;
      resolve({ trouble });
    };
    const cancel = this.#clock.after(SEARCH_LIMITS.fileMs, () => giveUp('it takes too long'));
    const onMessage = (reply: FileReply): void => resolve(reply);
    const onError = (error: Error): void => giveUp(error.message);
    worker.on('message', onMessage);
    worker.on('error', onError);
    worker.postMessage(request);
    const reply = await promise;
    cancel();
    worker.off('message', onMessage);
    // It may be at it still, or be gone. What it finds broken by itself costs no new thread, a third of a second.
    if (isSpent) await this.#end();
    worker.off('error', onError);
    return reply;
  }

  async #end(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }
}

function listFiles(root: MimePart): MimePart[] {
  const files: MimePart[] = [];
  const waiting = [root];
  for (let part = waiting.shift(); part !== undefined; part = waiting.shift()) {
    if (part.parts !== undefined) waiting.push(...part.parts);
    else if (fileKind(part) !== undefined) files.push(part);
  }
  return files;
}
