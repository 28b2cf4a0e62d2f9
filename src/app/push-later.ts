/** Push begins when the start is over: its code is loaded then, and what happened meanwhile is told from the change log. */
import { errorText } from '#base/errors.ts';
import type { System } from './system.ts';

/** By then the listeners are open. */
const STARTS_AFTER_MS = 3_000;

export function startPushLater(system: System): { stop(): Promise<void> } {
  let isOver = false;
  let starting: Promise<{ stop(): void } | undefined> = Promise.resolve(undefined);
  const start = async (): Promise<{ stop(): void } | undefined> => {
    try {
      const { startPush } = await import('./push.ts');
      return isOver ? undefined : await startPush(system);
    } catch (error) {
      system.log.error({ err: errorText(error) }, 'push could not be started');
      return undefined;
    }
  };
  const timer = setTimeout(() => {
    starting = start();
  }, STARTS_AFTER_MS);
  timer.unref();
  return {
    async stop() {
      isOver = true;
      clearTimeout(timer);
      (await starting)?.stop();
    },
  };
}
