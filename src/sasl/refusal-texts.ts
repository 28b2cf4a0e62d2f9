/**
 * What people read in their mail program when a right password does not let them in: what to do, and where. In ASCII, since no
 * protocol of mail takes more before a sign-in; the page says it in the reader's language. Who guesses gets no text of these.
 */
import type { AuthRefusal } from './mechanism.ts';

/** Refusals that tell a person what to do. */
export type Instruction = Extract<
  AuthRefusal,
  | 'notActivated'
  | 'frozen'
  | 'wrongDoor'
  | 'passwordChangeRequired'
  | 'passwordExpired'
  | 'phoneRequired'
  | 'clientPasswordRequired'
  | 'archived'
  | 'archiveEnded'
>;

const TEXTS: Readonly<Record<Instruction, string>> = {
  notActivated: 'Activate your account on the web first',
  frozen: 'Nobody used this account for long: it is frozen until you show on the web who you are',
  wrongDoor: 'Your mailbox is at our other mail system',
  passwordChangeRequired: 'Sign in on the web and change your password first',
  passwordExpired: 'Your initial password has expired, ask the help desk',
  archived: 'The old mail system can only be read on the web; your mailbox is in the new one',
  archiveEnded: 'The old mail system has ended; your mailbox is in the new one',
  phoneRequired: 'Sign in on the web and bind a telephone first',
  clientPasswordRequired: 'Use a client password, which you make on the web',
};

/** One line, with the page where there is one. */
export function instructionText(reason: Instruction, url: string | undefined): string {
  return `${TEXTS[reason]}${url === undefined ? '' : `: ${url}`}`;
}
