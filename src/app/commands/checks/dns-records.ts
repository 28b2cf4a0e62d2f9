/** Whether the DNS says what makes our mail believed: `campusmail dns --check` in a line for each domain. */
import { type DomainFacts, listWantedRecords } from '#app/dns-records.ts';
import type { Resolver } from '#dns/resolver.ts';
import { TEST_NAMES } from './dns.ts';
import { ok, warn, type Finding } from './finding.ts';

const WHAT = 'dns records';

export async function checkRecords(domains: readonly DomainFacts[], resolver: Resolver): Promise<Finding[]> {
  const real = domains.filter(({ domain }) => !TEST_NAMES.test(domain));
  return (await Promise.all(real.map((facts) => checkDomain(facts, resolver)))).flat();
}

async function checkDomain(facts: DomainFacts, resolver: Resolver): Promise<Finding[]> {
  const { domain, keys } = facts;
  const needed = listWantedRecords(facts).filter(({ isNeeded }) => isNeeded);
  const states = await Promise.all(needed.map((record) => record.check(resolver)));
  const topicsOf = (...kinds: readonly string[]): string =>
    [...new Set(needed.filter((_, i) => kinds.includes(states[i]?.kind ?? '')).map(({ topic }) => topic))].join('; ');
  const wrong = topicsOf('missing', 'different');
  const unknown = topicsOf('unknown');
  const waiting = keys.filter(({ state }) => state === 'new').map(({ selector }) => selector);
  const mend = `campusmail dns ${domain} --check shows the records`;
  const findings: Finding[] = [];
  if (wrong !== '') findings.push(warn(WHAT, `${domain} lacks or has others: ${wrong}`, mend));
  if (unknown !== '') findings.push(warn(WHAT, `${domain}: no resolver could say: ${unknown}`));
  if (waiting.length > 0) {
    findings.push(warn(WHAT, `${domain}: DKIM keys wait for their records: ${waiting.join(', ')}`, mend));
  }
  return findings.length > 0 ? findings : [ok(WHAT, `${domain} has those that its mail needs`)];
}
