/** `campusmail scim token create`, `list`, `remove`: with what programs of the university bring people in by SCIM. */
import { CommandFailure, EXIT, type StoreCommand } from '#app/command.ts';
import { randomId } from '#base/random.ts';
import { hashScimToken } from '#roster/scim-routes.ts';
import { positional } from './arguments/options.ts';
import { formatTable } from './arguments/table.ts';
import { formatTime } from './arguments/time.ts';

/** 260 bits: nobody guesses it, so that no attempts need to be counted. */
const TOKEN_CHARACTERS = 52;

export const scimTokenCreate: StoreCommand = {
  name: 'scim token create',
  usage: 'NAME',
  about: 'Make a token for a program that brings people in by SCIM.',
  details: `
NAME says whose it is; runs of the roster carry it. The token is shown once.
The program sends it as "Authorization: Bearer TOKEN" to /scim/v2.`,
  options: {},
  positionals: [1, 1],
  needs: 'store',
  async run({ directoryStore, random }, args, io) {
    const name = positional(args, 0);
    if (!/^[\p{L}\p{N}._-]{1,40}$/u.test(name))
      throw new CommandFailure('a name is made of letters, digits, and . _ -', EXIT.usage);
    const token = randomId(random, TOKEN_CHARACTERS);
    if (!(await directoryStore.run('addScimToken', { name, hash: hashScimToken(token) })))
      throw new CommandFailure(`there is a token "${name}"; remove it by: campusmail scim token remove ${name}`);
    io.out(`${token}\n`);
    io.err('It is not shown again.\n');
    return EXIT.ok;
  },
};

export const scimTokenList: StoreCommand = {
  name: 'scim token list',
  usage: '',
  about: 'List the tokens of SCIM by name.',
  details: '',
  options: {},
  positionals: [0, 0],
  needs: 'store',
  async run({ directoryStore }, _args, io) {
    const tokens = await directoryStore.reader.scimTokens();
    if (tokens.length === 0) io.out('There are no tokens of SCIM.\n');
    else io.out(formatTable(tokens.map(({ name, createdAt }) => [name, formatTime(createdAt)])));
    return EXIT.ok;
  },
};

export const scimTokenRemove: StoreCommand = {
  name: 'scim token remove',
  usage: 'NAME',
  about: 'Remove a token of SCIM, at once.',
  details: '',
  options: {},
  positionals: [1, 1],
  needs: 'store',
  async run({ directoryStore }, args, io) {
    const name = positional(args, 0);
    if (!(await directoryStore.run('removeScimToken', { name })))
      throw new CommandFailure(`there is no token "${name}"`);
    io.out(`The token ${name} is good for nothing now.\n`);
    return EXIT.ok;
  },
};
