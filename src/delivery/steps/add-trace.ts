/**
 * Puts Return-Path and Received before the message (RFC 5321 §4.4), once for the transaction: all recipients share
 * the octets, hence one blob.
 */
import type { Delivery, DeliverySurroundings } from '#delivery/delivery.ts';
import { formatAddress } from '#smtp/address.ts';
import { formatReceived } from '#smtp/trace.ts';

export function addTrace(delivery: Delivery, { hostname }: DeliverySurroundings): void {
  const { transaction, queueId, receivedAt, content, authentication } = delivery;
  const { peer, forwardPaths, reversePath } = transaction;
  const sender = reversePath.address;
  const returnPath = sender === '' ? '' : formatAddress(sender, { utf8: reversePath.smtpUtf8 });
  const fields =
    `Return-Path: <${returnPath}>\r\n` +
    // Above Received: it tells what was found after that.
    (authentication?.field ?? '') +
    formatReceived({ peer, hostname, queueId, receivedAt, forwardPaths });
  delivery.stored = Buffer.concat([Buffer.from(hasHeader(content) ? fields : `${fields}\r\n`), content]);
}

/** A field, or the empty line that ends a header without any (RFC 5322 §2.2, §3.5). */
const HEADER_START = /^(?:[!-9;-~]+[ \t]*:|\r\n)/;

/** Printers and scripts send bare text: behind our fields it would be read as more of them, and the body be empty. */
function hasHeader(message: Buffer): boolean {
  return message.length === 0 || HEADER_START.test(message.toString('latin1', 0, 1000));
}
