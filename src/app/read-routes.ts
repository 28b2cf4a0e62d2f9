/** Reads `queue.routes`: a line each, `DOMAIN[,DOMAIN] via HOST:PORT[,HOST:PORT] [WORD=VALUE]…`. */
import { DIRECT } from '#queue/routes.ts';
import type { Relay, Route } from '#queue/routes.ts';

/** A route, or in words what is wrong with the line. */
export function readRoute(line: string): Route | string {
  const [domains = '', via = '', hosts = '', ...options] = line.trim().split(/\s+/);
  if (via !== 'via' || hosts === '') return 'is not of the form "DOMAIN,… via HOST:PORT,…" or "DOMAIN,… via mx"';
  const relays: Relay[] = [];
  for (const host of hosts === 'mx' ? [] : hosts.split(',')) {
    const match = /^(?:\[([0-9a-fA-F:]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(host);
    if (match === null || Number(match[3] ?? 25) > 65_535) return `has no "host:port" in ${JSON.stringify(host)}`;
    relays.push({ host: (match[1] ?? match[2] ?? '').toLowerCase(), port: Number(match[3] ?? 25) });
  }
  let route: Route = { ...DIRECT, domains: domains.toLowerCase().split(','), relays };
  let login: string | undefined;
  let password: string | undefined;
  for (const option of options) {
    const equals = option.indexOf('=');
    const [word, value] = [option.slice(0, equals), option.slice(equals + 1)];
    if (word === 'user') login = value;
    else if (word === 'password') password = value;
    else if (word === 'source') route = { ...route, localAddress: value };
    else if (word === 'tls' && (value === 'opportunistic' || value === 'required'))
      route = { ...route, security: value };
    else if (word === 'tls' && value === 'implicit') route = { ...route, security: 'tls' };
    else
      return `has ${JSON.stringify(option)}, which is none of user=, password=, source=, tls=opportunistic|required|implicit`;
  }
  if ((login === undefined) !== (password === undefined)) return 'needs user= and password= together';
  if (login === undefined || password === undefined) return route;
  return { ...route, credential: { login, password } };
}
