/** Sends a message, or its beginning, as a multi-line response: chunk by chunk, no faster than the client takes it. */
import type { Session } from './session.ts';
import { DotStuffer } from './wire/dot-stuffer.ts';

/** Chooses what of the octets is sent. */
export interface Cutter {
  push(chunk: Buffer): Buffer;
  readonly isDone: boolean;
}

/**
 * `firstLine` is the positive response's text. Throws what Maildrop.read throws as long as nothing was sent; a failure
 * later hangs up, for there is no other way to say that the message is incomplete.
 */
export async function sendMessage(
  session: Session,
  number: number,
  firstLine: string,
  chunkBytes: number,
  cutter?: Cutter,
): Promise<void> {
  const stuffer = new DotStuffer();
  let chunk = await session.maildrop.read(number, 0, chunkBytes);
  session.succeed(firstLine);
  for (let at = chunk.length; ; at += chunk.length) {
    await session.write(stuffer.push(cutter === undefined ? chunk : cutter.push(chunk)));
    // A short read is the message's end.
    if (session.isClosed || cutter?.isDone === true || chunk.length < chunkBytes) break;
    try {
      chunk = await session.maildrop.read(number, at, at + chunkBytes);
    } catch (error) {
      session.destroy();
      throw error;
    }
  }
  await session.write(stuffer.end());
}
