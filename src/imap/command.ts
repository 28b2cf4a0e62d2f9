/** What a file in commands/ is. */
import type { Session } from './session.ts';
import type { ArgumentReader } from './wire/argument-reader.ts';

/** RFC 9051 §3; logout is no state here, for nothing can be said in it. */
export type SessionState = 'notAuthenticated' | 'authenticated' | 'selected';

export const ANY_STATE: readonly SessionState[] = ['notAuthenticated', 'authenticated', 'selected'];
export const SIGNED_IN: readonly SessionState[] = ['authenticated', 'selected'];

/** The tagged response (RFC 9051 §7.1) without its tag. */
export interface Reply {
  readonly status: 'OK' | 'NO' | 'BAD';
  /** Response code without its brackets. */
  readonly code?: string;
  readonly text: string;
}

/** What a parser needs to know of the session. */
export interface ParseContext {
  /** Whether the command came behind `UID`. */
  readonly byUid: boolean;
  /** Whether mailbox names are UTF-8 (see decodeMailboxName). */
  readonly utf8: boolean;
}

/**
 * Which untagged updates may follow a command: `noExpunge` where sequence numbers are in use (RFC 9051 §7.5.1), unless
 * it came behind UID; `own` when the command tells them itself.
 */
export type UpdatesAllowed = 'all' | 'noExpunge' | 'own';

interface CommandBase {
  /** In upper case. */
  readonly name: string;
  /** Where it is allowed; elsewhere it is answered BAD and not run. */
  readonly states: readonly SessionState[];
  /** Whether `UID` may come before it. */
  readonly takesUid?: boolean;
  /** `all` when absent. */
  readonly updates?: UpdatesAllowed;
  /** What CAPABILITY says because of it. */
  capabilities?(session: Session): readonly string[];
}

export interface ImapCommand extends CommandBase {
  /** Reads the arguments to the command's end (throws `invalid`: BAD), and returns what is to be done. */
  prepare(input: ArgumentReader, context: ParseContext): (session: Session) => Promise<Reply> | Reply;
}

export interface CommandDefinition<Args> extends CommandBase {
  /** Throws `invalid`, which is answered BAD. What follows the arguments need not be looked at. */
  parse(input: ArgumentReader, context: ParseContext): Args;
  /** MailErrors become NO with their response code; anything else is a bug. */
  run(session: Session, args: Args): Promise<Reply> | Reply;
}

export function defineCommand<Args>(definition: CommandDefinition<Args>): ImapCommand {
  return {
    ...definition,
    prepare(input, context) {
      const args = definition.parse(input, context);
      input.end();
      return (session) => definition.run(session, args);
    },
  };
}

export function ok(text: string, code?: string): Reply {
  return code === undefined ? { status: 'OK', text } : { status: 'OK', text, code };
}

export function no(text: string, code?: string): Reply {
  return code === undefined ? { status: 'NO', text } : { status: 'NO', text, code };
}

export function bad(text: string): Reply {
  return { status: 'BAD', text };
}

/** For a command without arguments. */
export function parseNothing(): undefined {
  return undefined;
}
