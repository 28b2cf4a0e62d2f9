/** Our own MTA-STS policy (RFC 8461 §3.2): what tells other servers to come only by TLS, to a server that proves its name. */
import { createHash } from 'node:crypto';
import { statusAnswer } from '#http/answers.ts';
import type { HttpRoute } from '#http/types.ts';
import type { Config } from './config.ts';

/** Two weeks: long enough that nobody in the middle can wait it out, short enough to change one's mind. */
const MAX_AGE_S = 14 * 86_400;

/** The text at `https://mta-sts.DOMAIN/.well-known/mta-sts.txt`, the same for every domain. */
export function formatOwnPolicy({ hostname, mtaSts }: Pick<Config, 'hostname' | 'mtaSts'>): string {
  const fields = ['version: STSv1', `mode: ${mtaSts.mode}`, `mx: ${hostname}`, `max_age: ${MAX_AGE_S}`];
  return fields.map((field) => `${field}\r\n`).join('');
}

/** For the TXT record: another one exactly when the policy is another. */
export function policyId(policy: string): string {
  return createHash('sha256').update(policy).digest('hex').slice(0, 20);
}

/** Answers only as `mta-sts.` and a domain of ours. */
export function policyRoute(config: Config, isOurs: (domain: string) => Promise<boolean>): HttpRoute {
  return {
    method: 'GET',
    path: '/.well-known/mta-sts.txt',
    async respond({ host }) {
      const domain = /^mta-sts\.(.+)$/.exec(host)?.[1];
      const isServed = config.mtaSts.mode !== 'none' && domain !== undefined && (await isOurs(domain));
      if (!isServed) return statusAnswer(404);
      return { status: 200, contentType: 'text/plain', body: formatOwnPolicy(config) };
    },
  };
}
