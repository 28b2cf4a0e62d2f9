/** The thread in which files of strangers are taken apart: it may be ended at any moment, and costs nothing but itself. */
import { parentPort } from 'node:worker_threads';
import { errorText } from '#base/errors.ts';
import type { FileKind } from './file-kind.ts';
import { readOffice } from './office-text.ts';
import { readPdf } from './pdf-text.ts';

export interface FileRequest {
  readonly kind: FileKind;
  readonly octets: Uint8Array;
}

export type FileReply = { readonly text: string } | { readonly trouble: string };

const port = parentPort;
if (port === null) throw new Error('this module is a thread of its own');

port.on('message', ({ kind, octets }: FileRequest) => {
  void (async (): Promise<FileReply> => {
    try {
      return { text: kind === 'pdf' ? await readPdf(octets) : readOffice(octets, kind) };
    } catch (error) {
      return { trouble: errorText(error) };
    }
  })().then((reply) => port.postMessage(reply));
});
