/** Listeners and what keeps them from listening, in words. */
import { errorText } from '#base/errors.ts';
import type { ListenerPlan } from './thread-messages.ts';

/** The system's refusal. */
export function listenTrouble(error: unknown): string {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'EADDRINUSE':
      return 'another program uses that port (`ss -ltnp` shows which)';
    case 'EACCES':
      return 'ports below 1024 need root or CAP_NET_BIND_SERVICE';
    case 'EADDRNOTAVAIL':
      return 'this machine has no such address';
    default:
      return errorText(error);
  }
}

export function describePlan({ name, host, port }: ListenerPlan): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port} (${name})`;
}
