/** Whether mail from outside may go to a group. What a stranger claims opens no group; what is proven does. */
import { formatAddress, parseAddress } from '#directory/address.ts';
import type { ProvenSender } from '#directory/expand-group.ts';
import type { GroupRow } from '#directory/types.ts';
import { parseAddressList } from '#mime/address.ts';
import { parseHeader } from '#mime/header.ts';
import type { SmtpTransaction } from '#smtp/receiver.ts';
import type { Delivery, DeliverySurroundings } from './delivery.ts';

type Surroundings = Pick<DeliverySurroundings, 'directory' | 'authentication'>;

/** At RCPT: whether the group would take mail from this sender if it were the one it says. */
export function mayClaimToPost(
  surroundings: Surroundings,
  group: GroupRow,
  transaction: Pick<SmtpTransaction, 'peer' | 'reversePath'>,
): Promise<boolean> {
  return mayPost(surroundings, group, transaction, findOutsider(transaction.reversePath.address));
}

/** At the end of data: whether the group takes it from whom it is proven to come. */
export function mayPostFromOutside(delivery: Delivery, surroundings: Surroundings, group: GroupRow): Promise<boolean> {
  const { transaction } = delivery;
  const sender = findOutsider(transaction.reversePath.address);
  return mayPost(surroundings, group, transaction, isProven(delivery, sender) ? sender : undefined);
}

/**
 * Nothing from the null path is mail to a group: reports on its messages go to its owners (RFC 5321 §4.5.5). Our own
 * machines are inside, whatever they call themselves.
 */
async function mayPost(
  { directory, authentication }: Surroundings,
  group: GroupRow,
  { peer, reversePath }: Pick<SmtpTransaction, 'peer' | 'reversePath'>,
  sender: ProvenSender,
): Promise<boolean> {
  if (reversePath.address === '') return false;
  if (group.posting === 'inside' && authentication?.isExempt(peer.remoteAddress) === true) return true;
  return directory.mayPost(group, sender);
}

type Outsider = Extract<ProvenSender, { kind: 'outside' }>;

/** Never an account: those send their mail signed in. An address of ours that comes from outside is just in no group. */
function findOutsider(text: string): Outsider | undefined {
  const address = parseAddress(text);
  return address && { kind: 'outside', address: formatAddress(address) };
}

/** Whether the sender of the envelope is the one author, whose domain stands by the message: a DMARC pass (RFC 7489 §3.1). */
function isProven({ authentication, received }: Delivery, sender: Outsider | undefined): boolean {
  if (authentication?.dmarc.result !== 'pass' || sender === undefined) return false;
  const [from, ...more] = parseHeader(received).all('from');
  const authors = from === undefined || more.length > 0 ? [] : parseAddressList(from).addresses;
  return authors.length === 1 && findOutsider(authors[0]?.email ?? '')?.address === sender.address;
}
