/** Routes that are listed from the start while their code is loaded later: it would be a third of every start. */
import type { HttpRoute, UpgradeRoute } from '#http/types.ts';

export interface Routes {
  readonly routes: readonly HttpRoute[];
  readonly upgrades: readonly UpgradeRoute[];
}

export interface Listed {
  readonly routes: readonly Pick<HttpRoute, 'method' | 'path'>[];
  readonly upgrades: readonly string[];
}

/** Loaded when somebody asks; `load` may be called before. What cannot be loaded is tried again at the next request. */
export function listLater(
  listed: Listed,
  load: () => Promise<Routes>,
): Routes & { readonly load: () => Promise<Routes> } {
  let loading: Promise<Routes> | undefined;
  const loaded = (): Promise<Routes> =>
    (loading ??= load().catch((error: unknown) => {
      loading = undefined;
      throw error;
    }));
  return {
    routes: listed.routes.map(({ method, path }) => ({
      method,
      path,
      respond: async (request) => {
        const route = (await loaded()).routes.find((one) => one.method === method && one.path === path);
        if (route === undefined) throw new Error(`${method} ${path} is listed and not there`);
        return route.respond(request);
      },
    })),
    upgrades: listed.upgrades.map((path) => ({
      path,
      upgrade: async (request, raw) => {
        const route = (await loaded()).upgrades.find((one) => one.path === path);
        if (route === undefined) throw new Error(`${path} is listed and not there`);
        return route.upgrade(request, raw);
      },
    })),
    load: loaded,
  };
}
