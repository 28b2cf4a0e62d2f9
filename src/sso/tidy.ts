/** Forgets sessions of theirs and closed tickets that are old. */
import type { Clock } from '#base/clock.ts';
import { SSO_LIMITS } from './limits.ts';
import type { SsoStore } from './ports/sso-store.ts';

export async function tidySso({ store, clock }: { readonly store: SsoStore; readonly clock: Clock }): Promise<void> {
  const args = { before: clock.now() - SSO_LIMITS.keptMs, limit: SSO_LIMITS.forgottenAtOnce };
  while ((await store.run('forget', args)) === args.limit);
}
