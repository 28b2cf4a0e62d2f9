/** ENABLE (RFC 9051 §6.3.1). */
import { defineCommand, ok, SIGNED_IN } from '#imap/command.ts';

export const enable = defineCommand({
  name: 'ENABLE',
  states: SIGNED_IN,
  capabilities: () => ['ENABLE', 'UTF8=ACCEPT'],
  parse(input): readonly string[] {
    const names: string[] = [];
    while (input.take(' ')) names.push(input.keyword());
    if (names.length === 0) throw input.error('a capability is missing');
    return names;
  },
  run(session, names) {
    const enabled: string[] = [];
    for (const name of new Set(names)) {
      if (name === 'CONDSTORE') session.enableCondstore();
      else if (name === 'UTF8=ACCEPT') session.utf8 = true;
      else if (name === 'IMAP4REV2') {
        session.rev2 = true;
        session.utf8 = true;
        if (session.hasSelected) session.selected.forgetRecent();
      } else continue;
      enabled.push(name === 'IMAP4REV2' ? 'IMAP4rev2' : name);
    }
    // RFC 5161 §3.1: unknown names are passed over.
    session.untagged(['ENABLED', ...enabled].join(' '));
    return ok('Done');
  },
});
