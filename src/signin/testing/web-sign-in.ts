/** The door of signing in on the web over a test's own directory and store. */
import type { Clock } from '#base/clock.ts';
import { silentLog, type Logger } from '#base/log.ts';
import { noMetrics } from '#base/metrics.ts';
import { systemRandom } from '#base/random.ts';
import type { Directory } from '#directory/directory.ts';
import { defaultSignInLimits, LocalSignInLimits } from '#directory/sign-in-limits.ts';
import { Captcha } from '#signin/captcha.ts';
import { LocalFailures } from '#signin/failures.ts';
import { Journal } from '#signin/journal.ts';
import { openStrongSignIn } from '#signin/open-strong.ts';
import type { PlaceFinder } from '#signin/places.ts';
import type { SessionStore } from '#signin/ports/session-store.ts';
import type { SmsStep } from '#signin/second-step.ts';
import { Sessions } from '#signin/sessions.ts';
import type { NewPlace } from '#signin/step-policy.ts';
import { WebSignIn, type WebSignInParts } from '#signin/signin.ts';

const DAY_MS = 86_400_000;

export interface TestSignInOptions extends Partial<Pick<WebSignInParts, 'captcha' | 'allowPlaintext' | 'tokens'>> {
  readonly directory: Directory;
  readonly store: SessionStore;
  readonly clock: Clock;
  /** Silent otherwise. */
  readonly log?: Logger;
  readonly sms?: SmsStep;
  readonly captchaAfter?: number;
  readonly findPlace?: PlaceFinder;
  readonly newPlace?: NewPlace;
  readonly hosts?: readonly string[];
}

/** `sessions` are to be closed by the test. */
export function openTestSignIn(options: TestSignInOptions): {
  readonly signIn: WebSignIn;
  readonly sessions: Sessions;
} {
  const { directory, store, clock, log = silentLog, sms, captchaAfter = 100, hosts = [] } = options;
  const common = { directory, clock, log, random: systemRandom };
  const sessions = new Sessions({
    ...common,
    store,
    metrics: noMetrics,
    idleMs: 7 * DAY_MS,
    absoluteMs: 30 * DAY_MS,
  });
  const journal = new Journal({ ...common, store, findPlace: options.findPlace ?? (async () => '') });
  const signIn = new WebSignIn({
    ...common,
    sessions,
    journal,
    strong: openStrongSignIn({
      ...common,
      siteName: '昆明理工大学',
      journal,
      newPlace: options.newPlace ?? 'off',
      limits: new LocalSignInLimits({ clock, log, settings: defaultSignInLimits }),
      ...(sms === undefined ? {} : { sms }),
    }),
    ...(options.tokens === undefined ? {} : { tokens: options.tokens }),
    captcha: options.captcha ?? new Captcha({ secret: Buffer.alloc(32, 7), clock, random: systemRandom }),
    failures: new LocalFailures(clock, captchaAfter),
    settings: {
      rates: { requestsPerMinute: 1e6, octetsPerMinute: 1e9 },
      hosts,
      sessionMaxAgeS: (30 * DAY_MS) / 1000,
    },
    allowPlaintext: options.allowPlaintext ?? (() => true),
  });
  return { signIn, sessions };
}
