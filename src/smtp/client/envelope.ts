/** Writes MAIL and RCPT for one server, with what it offers; or says why a message or a recipient cannot go there. */
import { asciiDomain, formatAddress, isAscii, splitAddress } from '#smtp/address.ts';
import { encodeOrcpt, encodeXtext } from '#smtp/dsn-parameters.ts';
import type { ForwardPath } from '#smtp/receiver.ts';

import type { Capabilities } from './capabilities.ts';
import type { MessageFailure, OutgoingMessage } from './message.ts';
import { ownReply } from './reply.ts';
import type { Reply } from './reply.ts';
import type { TlsReport } from './tls.ts';

/** Commands without CRLF. */
export interface Envelope {
  readonly kind: 'envelope';
  readonly mail: string;
  /** One for each forward path, in order: the command, or why this one cannot go. */
  readonly rcpts: readonly (string | Reply)[];
}

type WrittenPath =
  | { readonly kind: 'path'; readonly text: string }
  | { readonly kind: 'needsUtf8' }
  | { readonly kind: 'malformed' };

export function writeEnvelope(
  message: OutgoingMessage,
  capabilities: Capabilities,
  tls: TlsReport | undefined,
): Envelope | MessageFailure {
  const { reversePath, content, forwardPaths } = message;
  const offers = (keyword: string): boolean => capabilities.keywords.has(keyword);
  const utf8 = offers('SMTPUTF8');
  const { maxMessageBytes } = capabilities;

  const sender = writePath(reversePath.address, utf8);
  if (sender.kind === 'malformed')
    return refuse('badSender', 553, '5.1.7', 'The sender is no address that can be written');
  // RFC 6531 §3.5: to downgrade is not ours. A header that nobody announced is sent as it came, as everyone does.
  if (sender.kind === 'needsUtf8' || (reversePath.smtpUtf8 && content.hasUtf8Header && !utf8))
    return refuse('needsSmtpUtf8', 550, '5.6.7', 'The message needs SMTPUTF8, which the server does not offer');
  if (maxMessageBytes !== undefined && content.sizeBytes > maxMessageBytes) {
    const text = `The message has ${content.sizeBytes} octets, the server takes ${maxMessageBytes}`;
    return refuse('tooLarge', 552, '5.3.4', text);
  }
  if (content.body === 'BINARYMIME' && !(offers('BINARYMIME') && offers('CHUNKING')))
    return refuse('needsBinary', 554, '5.6.3', 'The message needs BINARYMIME, which the server does not offer');
  if (content.body === '8BITMIME' && !offers('8BITMIME') && message.sends8bitAnyway !== true)
    return refuse('needs8bit', 554, '5.6.3', 'The message needs 8BITMIME, which the server does not offer');
  if (reversePath.requireTls) {
    // RFC 8689 §4.2.1: encrypted to somebody is not enough, and the server has to pass the demand on.
    if (tls?.verifiedBy === undefined)
      return refuse('needsTls', 550, '5.7.10', 'REQUIRETLS: the server could not prove who it is');
    if (!offers('REQUIRETLS'))
      return refuse('needsRequireTls', 550, '5.7.30', 'REQUIRETLS is needed, which the server does not offer');
  }

  const rcpts = forwardPaths.map((path) => writeRcpt(path, utf8, offers('DSN')));
  const isUtf8 = utf8 && (reversePath.smtpUtf8 || !isAscii(sender.text) || rcpts.some((rcpt) => !isAsciiCommand(rcpt)));
  const { dsn } = reversePath;
  const { deliverBy, holdForS, priority } = message;
  let mail = `MAIL FROM:<${sender.text}>`;
  if (offers('SIZE')) mail += ` SIZE=${content.sizeBytes}`;
  if (content.body === 'BINARYMIME' || (content.body === '8BITMIME' && offers('8BITMIME')))
    mail += ` BODY=${content.body}`;
  if (isUtf8) mail += ' SMTPUTF8';
  if (reversePath.requireTls) mail += ' REQUIRETLS';
  if (offers('DSN')) {
    if (dsn.ret !== undefined) mail += ` RET=${dsn.ret}`;
    if (dsn.envid !== undefined) mail += ` ENVID=${encodeXtext(dsn.envid)}`;
  }
  if (deliverBy !== undefined && offers('DELIVERBY')) mail += ` BY=${deliverBy.seconds};${deliverBy.mode}`;
  if (holdForS !== undefined && offers('FUTURERELEASE')) mail += ` HOLDFOR=${holdForS}`;
  if (priority !== undefined && offers('MT-PRIORITY')) mail += ` MT-PRIORITY=${priority}`;
  return { kind: 'envelope', mail, rcpts };
}

function writeRcpt({ address, dsn }: ForwardPath, utf8: boolean, offersDsn: boolean): string | Reply {
  const path: WrittenPath = address === '' ? { kind: 'malformed' } : writePath(address, utf8);
  if (path.kind === 'malformed') return ownReply(553, '5.1.3', 'No address that can be written');
  if (path.kind === 'needsUtf8')
    return ownReply(550, '5.6.7', 'The address needs SMTPUTF8, which the server does not offer');
  let rcpt = `RCPT TO:<${path.text}>`;
  if (!offersDsn) return rcpt;
  if (dsn.notify !== undefined) rcpt += ` NOTIFY=${dsn.notify.join(',')}`;
  if (dsn.orcpt !== undefined) rcpt += ` ORCPT=${encodeOrcpt(dsn.orcpt, { utf8: utf8 && !isAscii(path.text) })}`;
  return rcpt;
}

/**
 * What stands between the angle brackets. A domain beyond ASCII is written in A-labels unless the local part needs
 * SMTPUTF8 anyway. Nothing that would end the path or the line gets through.
 */
function writePath(address: string, utf8: boolean): WrittenPath {
  if (address === '') return { kind: 'path', text: '' };
  const { localPart, domain } = splitAddress(address);
  const isBarePostmaster = domain === '' && localPart.toLowerCase() === 'postmaster';
  const isWritable = localPart !== '' && !/\p{Cc}/u.test(localPart) && localPart.isWellFormed();
  if (!isWritable || (!isBarePostmaster && asciiDomain(domain) === undefined)) return { kind: 'malformed' };
  if (isAscii(localPart)) return { kind: 'path', text: formatAddress(address, { utf8: false }) };
  return utf8 ? { kind: 'path', text: formatAddress(address, { utf8: true }) } : { kind: 'needsUtf8' };
}

function isAsciiCommand(rcpt: string | Reply): boolean {
  return typeof rcpt !== 'string' || isAscii(rcpt);
}

function refuse(why: MessageFailure['why'], code: number, enhanced: string, text: string): MessageFailure {
  return { kind: 'messageRefused', why, isPermanent: true, reply: ownReply(code, enhanced, text) };
}
