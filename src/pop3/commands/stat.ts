/** STAT (RFC 1939 §5): how many messages and octets, marked ones left out. */
import type { Pop3Command } from '#pop3/command.ts';
import type { Session } from '#pop3/session.ts';

async function run(session: Session): Promise<void> {
  // The octets first: finding them may show that messages are gone.
  const bytes = await session.maildrop.presentBytes();
  session.succeed(`${session.maildrop.presentCount} ${bytes}`);
}

export const stat: Pop3Command = { verb: 'STAT', states: ['transaction'], run };
