/** A server's replies as values: what came of a command, and what it takes to tell people about it. */
import type { WireReply } from './reply-reader.ts';
import type { TlsReport } from './tls.ts';

/** What was going on. `content` is the message itself; `idle` between two messages; `none` is our own judgement. */
export type Stage =
  | 'connect'
  | 'tls'
  | 'greeting'
  | 'ehlo'
  | 'helo'
  | 'starttls'
  | 'auth'
  | 'idle'
  | 'rset'
  | 'mail'
  | 'rcpt'
  | 'data'
  | 'content'
  | 'noop'
  | 'quit'
  | 'none';

export interface Reply {
  readonly kind: 'reply';
  /** 200 … 599. */
  readonly code: number;
  /** RFC 3463; `2.0.0`, `4.0.0`, `5.0.0` where the server gave none that fits its code. */
  readonly enhanced: string;
  /** Its lines joined by LF, without codes; bounded, without other controls. */
  readonly text: string;
  /** What it answered; `none`: the server was not asked, we refused by what it had announced. */
  readonly answered: Stage;
}

export type ConnectionProblem =
  /** Of TCP, see ConnectProblem in net. */
  | 'refused'
  | 'unreachable'
  | 'local'
  /** Too slow, at any stage. */
  | 'timeout'
  | 'reset'
  /** It closed without a word. */
  | 'closed'
  /** It closed with 421, which is in `reply`. */
  | 'closing'
  /** It answered `reply`: no. */
  | 'reply'
  /** What it sent is no SMTP, or not in step with us. */
  | 'garbage'
  /** No TLS as the policy wants it; `tls.problem` says more. */
  | 'tls'
  /** It offers no way to sign in that we can or may use. */
  | 'noMechanism';

/** The connection cannot be used (any more). Always worth another try, at another host or later. */
export interface ConnectionFailure {
  readonly kind: 'connectionFailed';
  readonly stage: Stage;
  readonly why: ConnectionProblem;
  /** For people. */
  readonly message: string;
  readonly reply?: Reply;
  /** What is known of TLS, when it came so far. */
  readonly tls?: TlsReport;
}

const ENHANCED = /^([245])\.(\d{1,3})\.(\d{1,3})(?= |$)/;

export function makeReply(wire: Extract<WireReply, { kind: 'reply' }>, answered: Stage, maxTextChars: number): Reply {
  const [first = ''] = wire.lines;
  const kind = Math.trunc(wire.code / 100);
  const given = ENHANCED.exec(first)?.[0];
  const isFitting = given !== undefined && Number(given[0]) === kind;
  // RFC 2034 §3: it stands in every line.
  const lines = isFitting
    ? wire.lines.map((line) => (line.startsWith(given) ? line.slice(given.length + 1) : line))
    : wire.lines;
  const text = lines.join('\n');
  return {
    kind: 'reply',
    code: wire.code,
    enhanced: isFitting ? given : `${kind}.0.0`,
    text: text.length > maxTextChars ? `${text.slice(0, maxTextChars - 1).toWellFormed()}…` : text,
    answered,
  };
}

/** What we say ourselves where the server need not be asked. */
export function ownReply(code: number, enhanced: string, text: string): Reply {
  return { kind: 'reply', code, enhanced, text, answered: 'none' };
}

export function isSuccess(reply: Reply): boolean {
  return reply.code < 300;
}
