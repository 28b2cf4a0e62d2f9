/** Coming from the school's portal with a ticket that opens one's mailbox, once. */
import { readSession, type Session } from './auth.ts';

/** The ticket that this page was opened with. It stands in the address no longer. */
export function takeTicket(): string | undefined {
  const ticket = new URLSearchParams(location.hash.slice(1)).get('ticket');
  if (ticket === null) return undefined;
  history.replaceState(history.state, '', location.pathname + location.search);
  return ticket;
}

/** Undefined: it is good for nothing any more, or there is no network. */
export async function redeemTicket(ticket: string): Promise<Session | undefined> {
  const headers = { 'content-type': 'application/json' };
  const init = { method: 'POST', headers, body: JSON.stringify({ ticket }) };
  const answer = await fetch('/auth/portal', init).catch(() => undefined);
  return answer?.ok === true ? readSession((await answer.json()) as Record<string, unknown>) : undefined;
}
