/** CAPA (RFC 2449 §5): what this session may do now. */
import { EVERY_STATE } from '#pop3/command.ts';
import type { Pop3Command } from '#pop3/command.ts';
import type { Session } from '#pop3/session.ts';

async function run(session: Session): Promise<void> {
  await session.write(['+OK capability list follows', ...session.listCapabilities(), '.', ''].join('\r\n'));
}

export const capa: Pop3Command = {
  verb: 'CAPA',
  states: EVERY_STATE,
  // Those that belong to no command. EXPIRE NEVER (§6.7): nothing disappears because it was read.
  capabilities: () => ['RESP-CODES', 'AUTH-RESP-CODE', 'PIPELINING', 'EXPIRE NEVER', 'IMPLEMENTATION campusmail'],
  run,
};
