/** RCPT (RFC 5321 §4.1.1.3) with NOTIFY and ORCPT (RFC 3461 §4). */
import { isAscii, readPath } from '#smtp/address.ts';
import type { SmtpCommand } from '#smtp/command.ts';
import { parseNotify, parseOrcpt } from '#smtp/dsn-parameters.ts';
import { parseParameters } from '#smtp/parameters.ts';
import type { ForwardPath } from '#smtp/receiver.ts';
import type { Session } from '#smtp/session.ts';

async function run(session: Session, argument: string): Promise<void> {
  const prefix = /^TO:/i.exec(argument);
  if (prefix === null) return session.fail(501, '5.5.4', 'Syntax: RCPT TO:<address>');
  const text = argument.slice(prefix[0].length);
  const path = readPath(text, session.limits.maxLocalPartBytes);
  if (!path.ok) return session.fail(501, '5.1.3', path.text);
  if (path.address === undefined) return session.fail(501, '5.1.3', 'Recipient cannot be empty');

  const parsed = parseParameters(text.slice(path.end));
  if (!parsed.ok) return session.fail(501, '5.5.4', parsed.text);
  const dsn: { notify?: NonNullable<ForwardPath['dsn']['notify']>; orcpt?: string } = {};
  for (const [key, value = ''] of parsed.parameters) {
    if (key === 'NOTIFY') {
      const notify = parseNotify(value);
      if (notify === undefined) return session.fail(501, '5.5.4', 'Bad value of NOTIFY');
      dsn.notify = notify;
    } else if (key === 'ORCPT') {
      const orcpt = parseOrcpt(value);
      if (orcpt === undefined) return session.fail(501, '5.5.4', 'Bad value of ORCPT');
      dsn.orcpt = orcpt;
    } else {
      return session.fail(555, '5.5.4', `Parameter ${key} not recognized`);
    }
  }

  // RFC 5321 §4.1.1.3: a bare Postmaster is ours.
  const { localPart, domain } = path.address;
  const address = `${localPart}@${domain === '' ? session.surroundings.hostname : domain}`;
  // RFC 6531 §3.5.
  if (session.reversePath?.smtpUtf8 !== true && !isAscii(address)) {
    return session.fail(553, '5.6.7', 'Address beyond ASCII needs SMTPUTF8');
  }
  // RFC 5321 §4.5.3.1.10: the client sends what was accepted and comes again with the rest.
  if (session.recipientCount >= session.limits.maxRecipients) {
    return session.reply(452, '4.5.3', `Too many recipients: ${session.limits.maxRecipients} at a time`);
  }
  await session.addRecipient({ address, dsn });
}

export const rcpt: SmtpCommand = {
  verb: 'RCPT',
  protocols: ['smtp', 'lmtp', 'submission'],
  states: ['mail', 'rcpt'],
  movesMail: true,
  run,
};
