/** Parts of the page that are fetched when they are needed: the fetching may meet a line that is cut. */
import { lazy } from 'react';

/** Tries before it is given up. Some browsers ask no second time for what failed: then only a reload helps. */
const TRIES = 3;
const PAUSE_MS = 1500;

/** A part could not be fetched though there is a network: as a rule the server has a newer page by now. */
export class NotLoaded extends Error {
  override readonly name = 'NotLoaded';
}

/** As React's `lazy`; where nothing can be fetched it waits, and shows meanwhile what stands in its place. */
export const later: typeof lazy = (load) => lazy(() => loadPatiently(load, browser));

interface Surroundings {
  /** Settles when there is something to fetch from: the network, or the service worker that keeps the shell. */
  readonly reachable: () => Promise<void>;
  readonly wait: (ms: number) => Promise<void>;
}

/** Rejects with NotLoaded. */
export async function loadPatiently<Part>(load: () => Promise<Part>, { reachable, wait }: Surroundings): Promise<Part> {
  for (let tries = 1; ; tries++) {
    await reachable();
    try {
      return await load();
    } catch (error) {
      if (tries === TRIES) throw new NotLoaded('a part of the page could not be loaded', { cause: error });
      await wait(PAUSE_MS);
    }
  }
}

const browser: Surroundings = {
  async reachable() {
    if (navigator.onLine || navigator.serviceWorker?.controller) return;
    await new Promise((resolve) => window.addEventListener('online', resolve, { once: true }));
  },
  wait: (ms) => new Promise((resolve) => void setTimeout(resolve, ms)),
};
