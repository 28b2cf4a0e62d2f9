/** Activation, recovery and what people change of their own accounts, put together for one protocol thread. */
import type { School } from '#contract/activation.ts';
import { Activation, type ActivationFacts, type JudgePassword } from '#activation/activation.ts';
import { OwnAccount } from '#activation/own-account.ts';
import { Recovery, type RecoveryFacts } from '#activation/recovery.ts';
import type { HttpRoute } from '#http/types.ts';
import type { Captcha } from '#signin/captcha.ts';
import type { WebSignIn } from '#signin/signin.ts';
import { Walks } from '#signin/walks.ts';
import type { Config } from './config.ts';
import type { ThreadSystem } from './system.ts';
import { createTell } from './tell-account.ts';

export function createActivationRoutes(
  system: ThreadSystem,
  signIn: WebSignIn,
  captcha: Captcha,
): readonly HttpRoute[] {
  const { audit, directory, selfService, sms, sessions, signinStore, clock, random, metrics, config } = system;
  const log = system.log.child({ listener: 'http' });
  const walking = { store: signinStore, clock, random };
  const common = { audit, directory, selfService, sms, signIn, captcha, clock, random, log, metrics };
  const tell = createTell(system);
  const judge: JudgePassword = (accountId, password, also) => directory.judgePassword(accountId, password, also);
  let schools: Promise<readonly School[]> | undefined;
  const withJudge = { ...common, judgePassword: judge };
  return [
    ...new Activation({
      ...withJudge,
      walks: new Walks<ActivationFacts>('activation', walking),
      schools: () => (schools ??= listSchools(config)),
    }).routes(),
    ...new Recovery({ ...withJudge, tell, sessions, walks: new Walks<RecoveryFacts>('recovery', walking) }).routes(),
    ...new OwnAccount({ ...common, tell }).routes(),
  ];
}

/** One, as long as a server is one school's. */
async function listSchools({ site, hostname }: Config): Promise<readonly School[]> {
  const name = site.name || hostname;
  // A third of a second to load: not before somebody claims an account.
  const { pinyin } = await import('pinyin-pro');
  const syllables = pinyin(name, { toneType: 'none', type: 'array', v: true }).map((one) => one.toLowerCase());
  return [
    {
      id: 'main',
      name,
      englishName: site.englishName || name,
      pinyin: syllables.join(''),
      initials: syllables.map((one) => one.slice(0, 1)).join(''),
    },
  ];
}
