/** What is over is forgotten: so much that guessers leave behind does not pile up. */
import { GUESS_LIMITS } from './limits.ts';
import type { GuessStore } from './ports/guess-store.ts';

export async function tidyGuesses(store: Pick<GuessStore, 'run'>): Promise<void> {
  const limit = GUESS_LIMITS.forgottenAtOnce;
  while ((await store.run('forget', { limit })) === limit);
}
