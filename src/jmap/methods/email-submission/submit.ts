/** Hands an Email to submission, as a mail program would by SMTP (RFC 8621 §7.5). */
import { randomId } from '#base/random.ts';
import { isQueueId } from '#base/queue-id.ts';
import type { QueueId } from '#base/ids.ts';
import { ObjectError } from '#jmap/core/errors.ts';
import type { MethodContext } from '#jmap/core/method.ts';
import type { SmtpPeer, SmtpReply, SmtpTransaction } from '#smtp/receiver.ts';
import type { SmtpEnvelope } from './envelope.ts';

/** Answers under which id it goes on. Throws ObjectError for what submission refuses. */
export async function submit(
  { services, caller }: MethodContext,
  envelope: SmtpEnvelope,
  octets: Buffer,
): Promise<QueueId> {
  const { submission, random } = services;
  const message = toCrlf(octets);
  if (message.includes(0)) throw new ObjectError('invalidEmail', 'it holds NUL octets');
  const peer: SmtpPeer = {
    sessionId: `jmap-${randomId(random, 12)}`,
    protocol: 'submission',
    remoteAddress: caller.remoteAddress,
    localPort: 443,
    helo: 'jmap',
    withProtocol: 'HTTPS',
    // Whoever writes, whatever account the message lies in.
    account: { accountId: caller.accountId, loginAddress: caller.login },
  };
  const reversePath = { ...envelope.reversePath, sizeBytes: message.length };
  const refused = await submission.mail(peer, reversePath);
  if (refused !== undefined)
    throw new ObjectError(refused.code === 553 ? 'forbiddenMailFrom' : 'forbiddenToSend', refused.text);
  const transaction: SmtpTransaction & { readonly forwardPaths: SmtpTransaction['forwardPaths'][number][] } = {
    peer,
    reversePath,
    forwardPaths: [],
  };
  const invalid: string[] = [];
  let why: SmtpReply | undefined;
  for (const path of envelope.forwardPaths) {
    const reply = await submission.rcpt(transaction, path);
    if (reply === undefined) transaction.forwardPaths.push(path);
    else if (reply.enhanced === '4.5.3')
      throw new ObjectError('tooManyRecipients', reply.text, { maxRecipients: transaction.forwardPaths.length });
    else if (reply.enhanced === '4.7.1') throw new ObjectError('rateLimit', reply.text);
    else {
      invalid.push(path.address);
      why = reply;
    }
  }
  // RFC 8621 §7.5: all or none; the client asks its user about those.
  if (why !== undefined) throw new ObjectError('invalidRecipients', why.text, { invalidRecipients: invalid });
  const [reply] = await submission.data(transaction, message);
  if (reply === undefined || reply.code >= 300) throw refusal(reply);
  const queueId = reply.text.split(' ').at(-1) ?? '';
  if (!isQueueId(queueId)) throw new Error(`submission answered ${reply.text}`);
  return queueId;
}

/** SMTP knows no other line end (RFC 5321 §2.3.8); what was imported may have others. The same octets if they have none. */
function toCrlf(octets: Buffer): Buffer {
  const text = octets.toString('latin1');
  return /(?:^|[^\r])\n|\r(?!\n)/.test(text) ? Buffer.from(text.replace(/\r\n?|\n/g, '\r\n'), 'latin1') : octets;
}

function refusal(reply: SmtpReply | undefined): ObjectError {
  const { code = 451, enhanced, text = 'not taken' } = reply ?? {};
  if (enhanced === '4.7.1') return new ObjectError('rateLimit', text);
  if (enhanced === '5.7.1') return new ObjectError('forbiddenFrom', text);
  return new ObjectError(code < 500 ? 'rateLimit' : 'forbiddenToSend', text);
}
