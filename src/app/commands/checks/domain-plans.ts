/** Domains that are given up, and those that rest: where they stand, and whether the plans fit the domains there are. */
import { stageAt, type DomainPlans } from '#directory/domain-lives.ts';
import { fail, ok, warn, type Finding } from './finding.ts';

const WHAT = 'domains';

export function checkDomainPlans(
  { sunsets, maintenance }: DomainPlans,
  domains: readonly string[],
  nowMs: number,
): Finding[] {
  const instant = (at: number): string => new Date(at).toISOString();
  const ends = sunsets.map((sunset) => {
    const { domain, successor, sendBlockedAt, refusedAt } = sunset;
    if (!domains.includes(successor)) {
      const text = `${domain} is given up for ${successor}, which is no domain of ours`;
      return fail(WHAT, text, `campusmail domain add ${successor}, or mend [[domain_sunset]]`);
    }
    const plan = `send-blocked from ${instant(sendBlockedAt)}, refused from ${instant(refusedAt)}`;
    return ok(WHAT, `${domain} is ${stageAt(sunset, nowMs)}; ${plan}`);
  });
  const resting = maintenance
    .filter(({ from, until }) => from <= nowMs && nowMs < until)
    .map(({ domain, until }) => {
      const subject = domain === null ? 'all domains rest' : `${domain} rests`;
      return warn(WHAT, `${subject} until ${instant(until)}`, 'Other servers are asked to come back later');
    });
  return [...ends, ...resting];
}
