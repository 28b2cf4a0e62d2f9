/** Under which addresses other servers reach this one: mail that would go there would come back. */
import { networkInterfaces } from 'node:os';
import type { Config } from './config.ts';

const EVERY: ReadonlySet<string> = new Set(['0.0.0.0', '::']);

/**
 * Numeric addresses at which we take mail on the port that mail is sent to. An address that somebody in front of us
 * translates is not known here: a loop by way of that ends when the message has passed too many servers.
 */
export function findOwnAddresses({ listen, queue }: Pick<Config, 'listen' | 'queue'>): ReadonlySet<string> {
  const hosts = listen.smtp.filter(({ port }) => port === queue.port).map(({ host }) => host);
  const isEverywhere = hosts.some((host) => EVERY.has(host));
  const present = isEverywhere ? Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []) : [];
  return new Set([...hosts, ...present.map(({ address }) => address)]);
}
