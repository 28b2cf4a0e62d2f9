/** BDAT (RFC 3030 §2): the message in counted chunks, binary if BODY=BINARYMIME said so. */
import { EVERY_STATE } from '#smtp/command.ts';
import type { SmtpCommand } from '#smtp/command.ts';
import type { Session } from '#smtp/session.ts';

async function run(session: Session, argument: string): Promise<void> {
  const chunk = parseChunk(argument);
  const { maxMessageBytes, maxOverrunBytes } = session.limits;
  // Without a count the chunk cannot be told from commands, and one too long is not worth reading to its end.
  if (chunk === undefined) {
    session.fail(501, '5.5.4', 'Syntax: BDAT size [LAST], closing');
    return session.end();
  }
  if (chunk.sizeBytes > maxMessageBytes + maxOverrunBytes) {
    session.fail(552, '5.3.4', `Message larger than ${maxMessageBytes} octets, closing`);
    return session.end();
  }

  const isInOrder = session.state === 'rcpt' || session.state === 'chunks';
  const intake = isInOrder ? session.openIntake() : undefined;
  if (!(await session.readChunk(chunk.sizeBytes, intake))) return;
  if (intake === undefined) return session.reply(503, '5.5.1', 'No valid recipients');
  if (chunk.isLast) return session.finishMessage();
  if (intake.refusal !== undefined) {
    // RFC 3030 §2: the transaction is lost; chunks already on their way are read and answered 503.
    session.send(intake.refusal);
    return session.reset();
  }
  session.reply(250, '2.0.0', `${chunk.sizeBytes} octets received, ${intake.sizeBytes} in all`);
}

function parseChunk(argument: string): { sizeBytes: number; isLast: boolean } | undefined {
  const match = /^(\d{1,15})( +LAST)?$/i.exec(argument);
  return match === null ? undefined : { sizeBytes: Number(match[1]), isLast: match[2] !== undefined };
}

export const bdat: SmtpCommand = {
  verb: 'BDAT',
  protocols: ['smtp', 'lmtp', 'submission'],
  // Its octets have to be read wherever it comes.
  states: EVERY_STATE,
  beforeTls: true,
  beforeAuth: true,
  movesMail: true,
  keywords: () => ['CHUNKING', 'BINARYMIME'],
  run,
};
