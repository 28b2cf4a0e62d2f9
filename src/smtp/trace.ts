/**
 * Trace information (RFC 5321 §4.4): makes the Received field that whoever takes a message puts before it, and counts
 * those already there. Pure: time and queue id are passed in.
 */
import { isIPv6 } from 'node:net';
import { domainToASCII } from 'node:url';

import { formatAddress, isAscii } from './address.ts';
import type { SmtpPeer } from './receiver.ts';

export interface ReceivedFacts {
  readonly peer: SmtpPeer;
  /** Our name. */
  readonly hostname: string;
  /** What the queue or the log calls this message; an RFC 5322 atom. */
  readonly queueId: string;
  /** Milliseconds since the Unix epoch. */
  readonly receivedAt: number;
  /**
   * The forward paths. Only a single one is shown: RFC 5321 §7.2 warns that several would tell each recipient of the
   * others, Bcc included.
   */
  readonly forwardPaths: readonly { readonly address: string }[];
}

/** One Received field, folded, with its last CRLF. Nothing the peer said can break out of its place. */
export function formatReceived(facts: ReceivedFacts): string {
  const { peer, forwardPaths } = facts;
  const isUtf8 = peer.withProtocol.startsWith('UTF8');
  const literal = isIPv6(peer.remoteAddress) ? `[IPv6:${peer.remoteAddress}]` : `[${peer.remoteAddress}]`;
  let field = `Received: from ${formatHelo(peer.helo, isUtf8)} (${literal})\r\n\tby ${facts.hostname} with ${peer.withProtocol} id ${facts.queueId}`;
  const only = forwardPaths.length === 1 ? forwardPaths[0] : undefined;
  if (only !== undefined) field += `\r\n\tfor <${formatAddress(only.address, { utf8: isUtf8 })}>`;
  if (peer.tls !== undefined) {
    // RFC 8314 §4.3: the clause holds the cipher suite; the version is a comment.
    const [version, suite] = peer.tls.split(' ');
    field += `\r\n\ttls ${suite ?? 'unknown'} (${version})`;
  }
  return `${field};\r\n\t${formatDateTime(facts.receivedAt)}\r\n`;
}

/** The name the peer gave, made harmless: whatever is neither name nor address literal becomes a question mark. */
function formatHelo(helo: string, utf8: boolean): string {
  if (utf8) return helo.replace(/[^\p{L}\p{N}\p{M}.:_[\]-]/gu, '?') || 'unknown';
  const name = isAscii(helo) ? helo : domainToASCII(helo);
  return name.replace(/[^A-Za-z0-9.:_[\]-]/g, '?') || 'unknown';
}

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** RFC 5322 §3.3, in UTC: `Mon, 16 Sep 2019 04:00:00 +0000`. */
export function formatDateTime(epochMs: number): string {
  const date = new Date(epochMs);
  const two = (value: number): string => (value < 10 ? `0${value}` : `${value}`);
  return (
    `${DAYS[date.getUTCDay()]}, ${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()} ` +
    `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())} +0000`
  );
}

const LF = 10;
const CR = 13;

/** How many Received fields the header section has: how many servers the message has passed (RFC 5321 §6.3). */
export function countReceived(message: Buffer): number {
  let count = 0;
  let lineStart = 0;
  while (lineStart < message.length) {
    const first = message[lineStart];
    if (first === CR || first === LF) break;
    // R or r: most lines are told apart by one octet.
    if (
      (first === 0x52 || first === 0x72) &&
      message.toString('latin1', lineStart, lineStart + 9).toLowerCase() === 'received:'
    ) {
      count += 1;
    }
    const lf = message.indexOf(LF, lineStart);
    if (lf === -1) break;
    lineStart = lf + 1;
  }
  return count;
}
