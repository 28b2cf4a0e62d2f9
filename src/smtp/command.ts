/** What a file in commands/ is. */
import type { SmtpPeer } from './receiver.ts';
import type { Session } from './session.ts';

/**
 * Where a session stands: `connected` before EHLO, `ready` for MAIL, `mail` for the first RCPT, `rcpt` once a
 * recipient is accepted, `chunks` after the first BDAT.
 */
export type SessionState = 'connected' | 'ready' | 'mail' | 'rcpt' | 'chunks';

export interface SmtpCommand {
  /** In upper case. */
  readonly verb: string;
  readonly protocols: readonly SmtpPeer['protocol'][];
  /** Where it is allowed; elsewhere it is answered 503 and not run. */
  readonly states: readonly SessionState[];
  /** Whether it may come before TLS where TLS is required (RFC 3207 §4). */
  readonly beforeTls?: boolean;
  /** Whether it may come before sign-in where that is required (RFC 4954 §6). */
  readonly beforeAuth?: boolean;
  /** Whether it may be as long as `maxAuthLineBytes`. */
  readonly takesLongLines?: boolean;
  /**
   * Whether it moves mail: not counted against `maxCommandsWithoutMail`, nor as an error out of order, for a pipelining client
   * sends it before it hears that what came before was refused (RFC 2920 §3.1).
   */
  readonly movesMail?: boolean;
  /** Whether it may come before the sign-in where one is required (RFC 4954 §6). */
  readonly beforeSignIn?: boolean;
  /** The EHLO lines it stands for, given how the session is now. */
  keywords?(session: Session): readonly string[];
  /** Answers the command. `argument` is what follows the verb, without blanks at either end. */
  run(session: Session, argument: string): Promise<void> | void;
}

export const EVERY_PROTOCOL: readonly SmtpPeer['protocol'][] = ['smtp', 'submission', 'lmtp'];
export const EVERY_STATE: readonly SessionState[] = ['connected', 'ready', 'mail', 'rcpt', 'chunks'];
