/** DATA (RFC 5321 §4.1.1.4). */
import type { SmtpCommand } from '#smtp/command.ts';
import type { Session } from '#smtp/session.ts';

async function run(session: Session, argument: string): Promise<void> {
  if (argument !== '') return session.fail(501, '5.5.4', 'DATA takes no argument');
  // RFC 3030 §3: a BINARYMIME message can only come in chunks.
  if (session.reversePath?.body === 'BINARYMIME') return session.fail(503, '5.5.1', 'BODY=BINARYMIME needs BDAT');
  const intake = session.openIntake();
  if (intake === undefined) return session.fail(503, '5.5.1', 'Send MAIL first');
  session.reply(354, undefined, 'End data with <CR><LF>.<CR><LF>');
  if (!(await session.readData(intake))) return;
  await session.finishMessage();
  // Users' mail too, though RFC 6409 §8 lets a submission server mend it and what a user smuggles is his own: mended, a
  // message is no longer the one its client signed, and no mail program sends such line ends.
  // The peer (or whoever fed it) ends lines otherwise than we do, so where it thinks a message ended may differ too:
  // nothing more is taken from this connection. As Postfix's smtpd_forbid_bare_newline=reject.
  if (intake.hasBareLineEnd) {
    session.log.warn({}, 'bare CR or LF in message data');
    session.surroundings.metrics.count('campusmail_smtp_bare_line_ends_total', { protocol: session.protocol });
    session.end();
  }
}

export const data: SmtpCommand = {
  verb: 'DATA',
  protocols: ['smtp', 'lmtp', 'submission'],
  // RFC 2033 §4.2: without an accepted recipient it MUST be 503; RFC 5321 §3.3 allows the same.
  states: ['rcpt'],
  movesMail: true,
  run,
};
