/** Where in the application one is: the browser's address, as state. */
import { createLive, useLive, type Live } from './live.ts';
import { formatRoute, parseRoute, type Route } from './routes.ts';

const current = createLive(parseRoute(location.pathname + location.search));
addEventListener('popstate', () => current.set(parseRoute(location.pathname + location.search)));

export const route: Live<Route> = current;

export function useRoute(): Route {
  return useLive(current);
}

/** Goes to a screen; `replace` leaves no step back to the one before. */
export function navigate(to: Route, how: 'push' | 'replace' = 'push'): void {
  const address = formatRoute(to);
  if (address === location.pathname + location.search) return;
  if (how === 'push') history.pushState(null, '', address);
  else history.replaceState(null, '', address);
  current.set(to);
}
