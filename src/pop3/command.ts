/** What a file in commands/ is. */
import type { Session } from './session.ts';

/** RFC 1939 §3; the UPDATE state is a moment within QUIT. */
export type SessionState = 'authorization' | 'transaction';

export interface Pop3Command {
  /** In upper case. */
  readonly verb: string;
  readonly states: readonly SessionState[];
  /** Whether its lines may be as long as `maxAuthLineBytes`. */
  readonly takesLongLines?: boolean;
  /** The CAPA lines it stands for (RFC 2449 §5), given how the session is now. */
  capabilities?(session: Session): readonly string[];
  /** Answers the command. `argument` is what follows the verb and one blank, trailing blanks kept. */
  run(session: Session, argument: string): Promise<void> | void;
}

export const EVERY_STATE: readonly SessionState[] = ['authorization', 'transaction'];
