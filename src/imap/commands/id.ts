/** ID (RFC 2971). What a client says of itself goes to the log, cut short, and beside what it deletes; nothing depends on it. */
import { ANY_STATE, defineCommand, ok } from '#imap/command.ts';

/** RFC 2971 §3.3: at most 30 pairs. */
const MOST_PAIRS = 30;

export const id = defineCommand({
  name: 'ID',
  states: ANY_STATE,
  capabilities: () => ['ID'],
  parse(input): Readonly<Record<string, string>> {
    input.space();
    if (input.takeKeyword('NIL')) return {};
    const words = input.list(() => input.nstring()?.toString('utf8') ?? '');
    if (words.length % 2 !== 0 || words.length > 2 * MOST_PAIRS) throw input.error('the list is not one of pairs');
    const fields: Record<string, string> = { __proto__: null as never };
    for (let i = 0; i < words.length; i += 2) {
      fields[(words[i] as string).slice(0, 30)] = (words[i + 1] as string).slice(0, 200);
    }
    return fields;
  },
  run(session, client) {
    session.log.debug({ client: { ...client } }, 'imap client');
    session.agent = [client['name'], client['version']].filter(Boolean).join(' ');
    session.untagged('ID ("name" "campusmail")');
    return ok('Done');
  },
});
