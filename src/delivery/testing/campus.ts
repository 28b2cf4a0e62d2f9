/** A receiver over a store in memory and a directory that is a table. */
import type { FakeClock } from '#base/clock.ts';
import type { AccountId, EmailId } from '#base/ids.ts';
import { silentLog } from '#base/log.ts';
import { systemRandom } from '#base/random.ts';
import type { AddressDirectory, MailTarget } from '#delivery/delivery.ts';
import { createDeliveryReceiver } from '#delivery/receiver.ts';
import type { DeliveryReceiverOptions } from '#delivery/receiver.ts';
import type { AddressResolution } from '#directory/address-resolution.ts';
import type { MailAccount } from '#mail/account.ts';
import { Mail } from '#mail/mail.ts';
import type { ForwardPath, Receiver, SmtpPeer, SmtpReply, SmtpTransaction } from '#smtp/receiver.ts';

type MailStore = ConstructorParameters<typeof Mail>[0];

export interface Campus {
  readonly clock: FakeClock;
  readonly mail: Mail;
  readonly receiver: Receiver;
  /** Address to account; `null` for one that takes no mail. Others at example.edu are unknown. */
  readonly table: Map<string, number | null>;
  account(id: number): MailAccount;
  /** Every message in the account's inbox. */
  inbox(id: number): Promise<string[]>;
}

/** What a directory without groups is never asked. */
export const noGroups: Omit<AddressDirectory, 'resolveAddress'> = {
  mayPost: () => Promise.reject(new Error('there are no groups')),
  expandGroup: () => Promise.reject(new Error('there are no groups')),
  addressesOf: () => Promise.reject(new Error('there are no groups')),
};

/** `wrap` stands between delivery and the store. */
export function makeCampus(
  store: MailStore,
  clock: FakeClock,
  options: Partial<DeliveryReceiverOptions> = {},
  wrap: (mail: Mail) => MailTarget = (mail) => mail,
): Campus {
  const mail = new Mail(store);
  const table = new Map<string, number | null>();
  const directory: AddressDirectory = {
    async resolveAddress(address): Promise<AddressResolution> {
      if (address === 'crash@example.edu') throw new Error('injected');
      const isRole = address === 'postmaster';
      if (!isRole && !address.endsWith('@example.edu')) return { kind: 'unknownDomain' };
      const id = table.get(address);
      if (id === undefined) return { kind: 'unknownUser' };
      if (id === null) return { kind: 'notReceiving', accountId: 99 as AccountId };
      return { kind: 'account', accountId: id as AccountId, address, detail: null };
    },
    ...noGroups,
  };
  const receiver = createDeliveryReceiver({
    directory,
    mail: wrap(mail),
    queue: { enqueue: () => Promise.reject(new Error('nothing is to be queued')) },
    hostname: 'mx.example.edu',
    clock,
    random: systemRandom,
    log: silentLog,
    ...options,
  });
  const account = (id: number): MailAccount => mail.account(id as AccountId);
  return {
    clock,
    mail,
    receiver,
    table,
    account,
    async inbox(id) {
      const mailbox = await account(id).findMailbox('INBOX');
      if (mailbox === undefined) return [];
      const opened = account(id).openIndex(mailbox.mailboxId);
      const { index } = opened;
      await index.refresh();
      const emailIds = Array.from(index.list, (_, position) => index.emailIdAt(position) as EmailId);
      opened.release();
      const messages = await Promise.all(emailIds.map((emailId) => account(id).readMessage(emailId)));
      return messages.map((octets) => octets.toString());
    },
  };
}

const PEER: SmtpPeer = {
  sessionId: 'abcdefghij',
  protocol: 'lmtp',
  remoteAddress: '192.0.2.7',
  localPort: 24,
  helo: 'mail.example.net',
  withProtocol: 'LMTP',
};

export interface Sending {
  readonly protocol?: SmtpPeer['protocol'];
  readonly from?: string;
  readonly to: readonly string[];
  readonly smtpUtf8?: boolean;
  readonly sizeBytes?: number;
}

export function makeTransaction({ protocol = 'lmtp', from = 'a@example.net', to, ...rest }: Sending): SmtpTransaction {
  const { smtpUtf8 = false, sizeBytes } = rest;
  return {
    peer: { ...PEER, protocol, withProtocol: protocol === 'lmtp' ? 'LMTP' : 'ESMTP' },
    reversePath: {
      address: from,
      body: '8BITMIME',
      smtpUtf8,
      requireTls: false,
      dsn: {},
      ...(sizeBytes === undefined ? {} : { sizeBytes }),
    },
    forwardPaths: to.map((address): ForwardPath => ({ address, dsn: {} })),
  };
}

export const MESSAGE = Buffer.from(
  'From: =?utf-8?B?157XqdeU?= <m@example.org>\r\nSubject: 归档 & Résumé\r\n\r\n你好\r\n',
);

/** `250 2.0.0 text`, with ids made `ID`. */
export function showReply(reply: SmtpReply | undefined): string {
  if (reply === undefined) return 'ok';
  return `${reply.code} ${reply.enhanced} ${reply.text}`.replace(/(queued as |\(id )[a-z2-7]{13}/, '$1ID');
}
