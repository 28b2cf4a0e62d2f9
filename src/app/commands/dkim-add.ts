/** `campusmail dkim add`: a new key for a domain. */
import { CommandFailure, EXIT, type StoreCommand } from '#app/command.ts';
import { createDkimKeeper } from '#app/keep-dkim.ts';
import type { System } from '#app/system.ts';
import { formatZoneLine, type SigningAlgorithm } from '#trust/dkim-keys.ts';
import { positional, textOption } from './arguments/options.ts';
import { requireDomain } from './domain-add.ts';

const ALGORITHMS: readonly SigningAlgorithm[] = ['rsa-sha256', 'ed25519-sha256'];

export const dkimAdd: StoreCommand = {
  name: 'dkim add',
  usage: 'DOMAIN [--algorithm rsa-sha256|ed25519-sha256]',
  about: 'Make a new DKIM key for a domain, and show its DNS record.',
  details: `
It signs nothing until it is activated, by campusmail dkim activate or, unless
dkim.automatic is off, by the server itself once the DNS shows its record.

  --algorithm NAME  rsa-sha256 (which everybody can verify) by default`,
  options: { algorithm: { type: 'string' } },
  positionals: [1, 1],
  needs: 'store',
  async run(system, args, io) {
    const domain = await requireOwnDomain(system, positional(args, 0));
    const given = textOption(args, 'algorithm') ?? 'rsa-sha256';
    const algorithm = ALGORITHMS.find((name) => name === given);
    if (algorithm === undefined)
      throw new CommandFailure(`--algorithm is ${ALGORITHMS.join(' or ')}, not "${given}"`, EXIT.usage);
    const key = await createDkimKeeper(system).addKey(domain, algorithm);
    io.out(`Put this record into the DNS of ${domain}:\n\n${formatZoneLine(key)}\n\n`);
    io.out(`Then: campusmail dkim activate ${domain} ${key.selector}\n`);
    return EXIT.ok;
  },
};

/** A domain whose mail is taken here. */
export async function requireOwnDomain(system: System, text: string): Promise<string> {
  const domain = requireDomain(text);
  const domains = await system.directory.listDomains();
  if (domains.every((row) => row.domain !== domain))
    throw new CommandFailure(`${domain} is no domain of this server; campusmail domain list shows them`);
  return domain;
}
