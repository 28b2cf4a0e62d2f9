/**
 * A Receiver for the engine's tests: its answers follow from the addresses' local parts, and it writes down what it
 * was asked, one line each.
 */
import { isUtf8 } from 'node:buffer';

import { formatAddress, splitAddress } from '#smtp/address.ts';
import type { ForwardPath, Receiver, ReversePath, SmtpPeer, SmtpReply, SmtpTransaction } from '#smtp/receiver.ts';

const answers: Readonly<Record<string, SmtpReply>> = {
  unknown: { code: 550, enhanced: '5.1.1', text: 'No such user' },
  full: { code: 452, enhanced: '4.2.2', text: 'Mailbox full' },
  banned: { code: 550, enhanced: '5.7.1', text: 'Not from you' },
  goodbye: { code: 421, enhanced: '4.7.0', text: 'Come back later' },
  归档: { code: 550, enhanced: '5.1.1', text: '没有这个邮箱' },
};

const dataAnswers: Readonly<Record<string, SmtpReply>> = {
  later: { code: 451, enhanced: '4.7.1', text: 'Not now' },
  spam: { code: 550, enhanced: '5.7.1', text: 'Looks like spam' },
  continue: { code: 354, text: 'No answer at all' },
};

export class FakeReceiver implements Receiver {
  /** `mail <a@b> {…}`, `rcpt <c@d> {…}`, `data "…"`. */
  readonly events: string[] = [];
  readonly messages: { readonly transaction: SmtpTransaction; readonly message: Buffer }[] = [];
  readonly peers: SmtpPeer[] = [];
  /** The number of the call (from 1) that fails, if any. */
  failingCall = 0;
  #calls = 0;
  /** When set, `data` waits for it. */
  gate: Promise<void> | undefined;

  async mail(peer: SmtpPeer, reversePath: ReversePath): Promise<SmtpReply | undefined> {
    const { address, ...rest } = reversePath;
    this.peers.push(peer);
    this.events.push(`mail <${formatAddress(address, { utf8: true })}> ${JSON.stringify(rest)}`);
    return this.#answer(address);
  }

  async rcpt(_: SmtpTransaction, forwardPath: ForwardPath): Promise<SmtpReply | undefined> {
    const { address, dsn } = forwardPath;
    this.events.push(`rcpt <${formatAddress(address, { utf8: true })}> ${JSON.stringify(dsn)}`);
    return this.#answer(address);
  }

  async data(transaction: SmtpTransaction, message: Buffer): Promise<readonly SmtpReply[]> {
    this.events.push(`data ${JSON.stringify(message.toString(isUtf8(message) ? 'utf8' : 'latin1'))}`);
    await this.gate;
    this.#countCall();
    this.messages.push({ transaction, message });
    const locals = transaction.forwardPaths.map((path) => splitAddress(path.address).localPart);
    if (locals.includes('crashdata')) throw new Error('disk on fire');
    if (locals.includes('short')) return [];
    return locals.map(
      (local) => dataAnswers[local] ?? { code: 250, enhanced: '2.0.0', text: `Ok: queued for ${local}` },
    );
  }

  #answer(address: string): SmtpReply | undefined {
    this.#countCall();
    const { localPart } = splitAddress(address);
    if (localPart === 'crash') throw new Error('directory away');
    return Object.hasOwn(answers, localPart) ? answers[localPart] : undefined;
  }

  #countCall(): void {
    this.#calls += 1;
    if (this.#calls === this.failingCall) throw new Error('injected fault');
  }
}
