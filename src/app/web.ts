/** What the web listeners answer, put together for one protocol thread. */
import type { ServerContexts } from '#net/start-tls.ts';
import type { Logger } from '#base/log.ts';
import { isLoopback } from '#base/network-address.ts';
import { createNetworkTest } from '#directory/address-range.ts';
import { runActing } from '#audit/acting.ts';
import { Captcha } from '#signin/captcha.ts';
import { openStrongSignIn } from '#signin/open-strong.ts';
import { WebSignIn } from '#signin/signin.ts';
import { OAUTH_PATHS } from '#oauth/paths.ts';
import { PORTAL_PATHS, SSO_PATHS } from '#sso/paths.ts';
import { statusAnswer } from '#http/answers.ts';
import { HttpServer } from '#http/server.ts';
import { noticeRoutes } from '#notices/routes.ts';
import { serveStatic } from '#http/static-files.ts';
import type { HttpAnswer, HttpRequest, HttpRoute, UpgradeRoute } from '#http/types.ts';
import { JMAP_PATHS, JMAP_UPGRADES } from '#jmap/paths.ts';
import { createActivationRoutes } from './activation.ts';
import type { Config } from './config.ts';
import { METRICS_CONTENT_TYPE } from './metrics.ts';
import { outboxRoutes } from './outbox-page.ts';
import { policyRoute } from './mta-sts-policy.ts';
import { clientSettingsRoutes } from './client-settings.ts';
import { deriveSecret } from './secret.ts';
import { realmNameAt, siteRoute, type SiteFacts } from './site.ts';
import { statusRoutes } from './status-page.ts';
import { explainTrouble } from './trouble-page.ts';
import { createSmsStep } from './sms-step.ts';
import type { ThreadSystem } from './system.ts';
import type { Answers } from './thread-messages.ts';
import { mailFrameRoute } from './mail-frame.ts';
import { openWebFiles } from './web-files.ts';
import type { JmapParts } from './jmap.ts';
import { SCIM_PATHS } from '#roster/scim-paths.ts';
import { listLater } from './later-routes.ts';
import { takeOutRoute } from './take-out.ts';

/** By then a start is over. */
const JMAP_LOADED_AFTER_MS = 3_000;

export interface WebParts extends Pick<JmapParts, 'submission' | 'openAccount'> {
  readonly config: Config;
  readonly system: ThreadSystem;
  /** What only the main thread knows. */
  readonly ask: <Name extends keyof Answers>(name: Name) => Promise<Answers[Name]>;
}

export interface WebRoutes {
  readonly routes: readonly HttpRoute[];
  readonly upgrades: readonly UpgradeRoute[];
}

/** One table for both listeners. */
export function createWebRoutes({ config, system, ask, ...jmap }: WebParts): WebRoutes {
  const files = openWebFiles();
  const { clock, random } = system;
  const captcha = new Captcha({
    secret: deriveSecret(config.dataDir, 'captcha'),
    clock,
    random,
    solutions: system.guesses.solutions,
  });
  const signIn = openWebSignIn(config, system, captcha);
  const mayReadMetrics = createNetworkTest(config.http.metricsFrom);
  const metrics: HttpRoute = {
    method: 'GET',
    path: '/metrics',
    respond: async ({ remoteAddress }) =>
      mayReadMetrics(remoteAddress)
        ? { status: 200, contentType: METRICS_CONTENT_TYPE, body: await ask('metrics') }
        : statusAnswer(404),
  };
  const policy = policyRoute(config, async (domain) =>
    (await system.directory.listDomains()).some((row) => row.domain === domain),
  );
  const listeners = async () => (await ask('status')).listeners;
  const site: SiteFacts = { config, directory: system.directory, notices: system.notices, listeners };
  const jmapRoutes = listLater({ routes: JMAP_PATHS, upgrades: JMAP_UPGRADES }, async () => {
    const { createJmapRoutes } = await import('./jmap.ts');
    return createJmapRoutes({ ...jmap, system, signIn });
  });
  const scim = listLater({ routes: SCIM_PATHS, upgrades: [] }, async () => {
    const [{ createScimRoutes }, { openRoster }] = await Promise.all([
      import('#roster/scim-routes.ts'),
      import('./open-roster.ts'),
    ]);
    const log = system.log.child({ listener: 'http' });
    const reader = system.directoryStore.reader;
    return { routes: createScimRoutes({ roster: openRoster(system), reader, log }), upgrades: [] };
  });
  const ssoRoutes =
    config.sso.kind === 'none'
      ? []
      : listLater({ routes: SSO_PATHS, upgrades: [] }, async () => {
          const { createSsoRoutes } = await import('./sso.ts');
          return createSsoRoutes(system, signIn);
        }).routes;
  const oauthRoutes =
    config.oauthClients.length === 0
      ? []
      : listLater({ routes: OAUTH_PATHS, upgrades: [] }, async () => {
          const { createOAuthRoutes } = await import('./oauth.ts');
          return createOAuthRoutes(system, signIn);
        }).routes;
  const portalRoutes =
    config.portal.secrets.length === 0
      ? []
      : listLater({ routes: Object.values(PORTAL_PATHS), upgrades: [] }, async () => {
          const { createPortalRoutes } = await import('./portal.ts');
          return createPortalRoutes(system, signIn);
        }).routes;
  // Before anybody waits for it, and after the listeners are open.
  setTimeout(() => void jmapRoutes.load().catch(() => {}), JMAP_LOADED_AFTER_MS).unref();
  return {
    routes: [
      ...statusRoutes(() => ask('status'), files === undefined ? ['/', '/status'] : ['/status']),
      policy,
      siteRoute(site),
      ...noticeRoutes({
        notices: system.notices,
        realmOf: (host) => realmNameAt(config, host),
        log: system.log.child({ listener: 'http' }),
      }),
      ...clientSettingsRoutes(site),
      ...signIn.routes(),
      ...(config.sms.vendors.includes('log') ? outboxRoutes(system.sms) : []),
      ...ssoRoutes,
      ...oauthRoutes,
      ...portalRoutes,
      ...createActivationRoutes(system, signIn, captcha),
      ...jmapRoutes.routes,
      ...scim.routes,
      takeOutRoute(system, signIn),
      metrics,
      ...(files === undefined ? [] : [mailFrameRoute, serveStatic(files)]),
    ],
    upgrades: jmapRoutes.upgrades,
  };
}

/** Whom everything asks that is not for everybody. */
function openWebSignIn(config: Config, system: ThreadSystem, captcha: Captcha): WebSignIn {
  const { clock, random, directory, sessions, journal, guesses, grants, log } = system;
  const { auth, http, signin } = config;
  return new WebSignIn({
    directory,
    sessions,
    journal,
    strong: openStrongSignIn({
      directory,
      clock,
      random,
      log,
      siteName: config.site.name || config.hostname,
      // Without a vendor nobody could show a code.
      ...(config.sms.vendors.length === 0 ? {} : { sms: createSmsStep(system) }),
      limits: guesses.codes,
      journal,
      newPlace: signin.newPlace,
    }),
    ...(config.oauthClients.length === 0 ? {} : { tokens: grants }),
    captcha,
    failures: guesses.failures,
    clock,
    log: log.child({ listener: 'http' }),
    settings: {
      rates: { requestsPerMinute: http.requestsPerMinute, octetsPerMinute: http.bytesPerMinute },
      hosts: [config.hostname],
      sessionMaxAgeS: signin.absoluteDays * 86_400,
    },
    allowPlaintext: (remoteAddress) => auth.plaintextOnLoopback && isLoopback(remoteAddress),
  });
}

/** `tls` absent: the plain listener. */
export function createWebServer(
  { routes, upgrades }: WebRoutes,
  config: Config,
  system: ThreadSystem,
  log: Logger,
  tls?: ServerContexts,
): HttpServer {
  const { http, limits } = config;
  return new HttpServer({
    routes: routes.map((route) => ({
      ...route,
      respond: (request) =>
        runActing({ actor: undefined, via: 'web', remoteAddress: request.remoteAddress }, () => route.respond(request)),
    })),
    upgrades,
    ...(tls === undefined ? { gate: gateToHttps(config) } : { tls }),
    explain: (request, answer) => explainTrouble(config, request, answer),
    isTrustedProxy: createNetworkTest(http.trustedProxies),
    isShared: createNetworkTest(config.auth.sharedNetworks),
    cors: { origins: new Set(http.corsOrigins), paths: ['/jmap', '/.well-known/jmap'] },
    limits: {
      maxConnections: limits.connections,
      maxConnectionsPerAddress: limits.connectionsPerAddress,
      rates: { requestsPerMinute: http.requestsPerMinute, octetsPerMinute: http.bytesPerMinute },
    },
    clock: system.clock,
    random: system.random,
    metrics: system.metrics,
    log,
  });
}

/** Sends people from elsewhere to HTTPS, where it is offered; programs that look after the server are answered as they ask. */
export function gateToHttps({ http, listen }: Config): (request: HttpRequest) => HttpAnswer | undefined {
  const [https] = listen.https;
  if (https === undefined || !http.redirectToHttps) return () => undefined;
  const port = https.port === 443 ? '' : `:${https.port}`;
  return ({ isSecure, remoteAddress, path, query, host }) => {
    if (isSecure || isLoopback(remoteAddress) || path === '/healthz') return undefined;
    const target = query.size === 0 ? path : `${path}?${query.toString()}`;
    return { status: 308, headers: { location: `https://${host}${port}${target}` } };
  };
}
