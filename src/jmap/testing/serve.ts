/** JMAP on a web listener on loopback, for whoever asks. */
import { withServer, type Served } from '#http/testing/serve.ts';
import type { HttpAnswer } from '#http/types.ts';
import { formatAccountId } from '#jmap/core/ids.ts';
import type { JmapCaller } from '#jmap/core/method.ts';
import { jmapRoutes } from '#jmap/routes.ts';
import { openJmap, ZHANG } from './jmap.ts';

export type ServedJmap = Served & {
  readonly jmap: Awaited<ReturnType<typeof openJmap>>;
  /** Ends the sign-in of all that is open. */
  readonly signOut: () => void;
  /** Sign-ins that are watched. */
  readonly watched: () => number;
};

/** `authenticate` absent: everybody is ZHANG. */
export async function withJmap(
  use: (served: ServedJmap) => Promise<void>,
  patch: Partial<JmapCaller> & { readonly refuse?: HttpAnswer } = {},
): Promise<void> {
  const jmap = await openJmap();
  const { services, accountId } = jmap;
  const watchers = new Set<() => void>();
  const { refuse, ...more } = patch;
  const table = jmapRoutes({
    services,
    authenticate: async ({ remoteAddress }) =>
      refuse ?? {
        accountId,
        login: ZHANG,
        owner: 'test',
        way: 'web',
        agent: 'Firefox',
        remoteAddress,
        admit: () => true,
        watch(onEnded) {
          watchers.add(onEnded);
          return () => void watchers.delete(onEnded);
        },
        ...more,
      },
    nameOf: async (id) => formatAccountId(id),
    maxUploadBytes: 1_000_000,
  });
  try {
    await withServer(table, (served) =>
      use({
        ...served,
        jmap,
        signOut: () => watchers.forEach((onEnded) => onEnded()),
        watched: () => watchers.size,
      }),
    );
  } finally {
    await jmap.store.close();
  }
}
