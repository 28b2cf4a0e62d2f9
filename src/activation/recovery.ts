/**
 * How somebody who forgot a password comes back by the telephone that is bound to the account (S-16). Whatever name is
 * given, the same is said, at the same pace: of a name that leads nowhere, a number that does not exist.
 */
import type { CodeSent, RecoveryStanding } from '#contract/activation.ts';
import type { Audit } from '#audit/audit.ts';
import type { Clock } from '#base/clock.ts';
import type { AccountId } from '#base/ids.ts';
import type { Logger } from '#base/log.ts';
import { peerNetwork } from '#base/network-address.ts';
import type { Random } from '#base/random.ts';
import type { Directory } from '#directory/directory.ts';
import { maskPhone } from '#directory/phone-number.ts';
import type { SelfService } from '#directory/self-service.ts';
import { isFrozen, rulesOfStage } from '#directory/stages.ts';
import { RateLimit } from '#http/rate-limit.ts';
import type { HttpAnswer, HttpRequest, HttpRoute } from '#http/types.ts';
import type { Captcha } from '#signin/captcha.ts';
import type { Sessions } from '#signin/sessions.ts';
import type { WebSignIn } from '#signin/signin.ts';
import type { Walk, Walks } from '#signin/walks.ts';
import { SMS_LIMITS } from '#sms/limits.ts';
import type { Sms } from '#sms/sms.ts';
import { answer } from '#signin/answers.ts';
import type { JudgePassword } from './activation.ts';
import { ACTIVATION_LIMITS } from './limits.ts';
import { evenly, refuse, secondsOf, stepRoute, textOf } from './steps.ts';
import { NOTICES, type AccountNotice } from './texts.ts';

export interface RecoveryFacts {
  /** Null: there is no such account, or none that can be recovered so. */
  readonly accountId: AccountId | null;
  /** As it was typed. */
  readonly login: string;
  /** Sealed. */
  readonly phone: string;
}

export interface RecoveryParts {
  readonly directory: Pick<Directory, 'findLogin' | 'account' | 'isArchived' | 'provenSince'>;
  readonly selfService: SelfService;
  readonly sms: Sms;
  readonly walks: Walks<RecoveryFacts>;
  readonly signIn: WebSignIn;
  readonly sessions: Pick<Sessions, 'endAll'>;
  readonly captcha: Pick<Captcha, 'accept'>;
  readonly judgePassword: JudgePassword;
  /** By mail. */
  readonly tell: (accountId: AccountId, notice: AccountNotice) => Promise<void>;
  readonly audit: Pick<Audit, 'record'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

/** Steps behind a walk. */
const NAMED = 0;
const PROVEN = 1;

/** The first account has 1. */
const NO_ACCOUNT = 0 as AccountId;

export class Recovery {
  readonly #parts: RecoveryParts;
  readonly #rates: RateLimit<string>;

  constructor(parts: RecoveryParts) {
    this.#parts = parts;
    const { recoveriesPerMinute, networksKept } = ACTIVATION_LIMITS;
    const rates = { requestsPerMinute: recoveriesPerMinute, octetsPerMinute: Infinity };
    this.#rates = new RateLimit({ clock: parts.clock, rates, callersKept: networksKept });
  }

  routes(): readonly HttpRoute[] {
    const step = (path: string, respond: Parameters<typeof stepRoute<RecoveryFacts>>[2]): HttpRoute =>
      stepRoute(this.#parts, path, respond, (work) => evenly(this.#parts.clock, work));
    return [
      { method: 'POST', path: '/recovery/begin', respond: (request) => this.#begin(request) },
      {
        method: 'GET',
        path: '/recovery/walk',
        respond: async (request) => {
          const walk = await this.#parts.walks.find(request);
          return walk === undefined ? refuse('noWalk') : answer(200, this.#standing(walk));
        },
      },
      step('/recovery/code', (request, _, walk) => this.#sendCode(request, walk)),
      step('/recovery/phone', (_, body, walk) => this.#checkCode(body, walk)),
      step('/recovery/finish', (request, body, walk) => this.#finish(request, body, walk)),
    ];
  }

  async #begin(request: HttpRequest): Promise<HttpAnswer> {
    const { signIn, captcha, clock, walks, selfService, random } = this.#parts;
    const read = await signIn.readOwn(request);
    if ('status' in read) return read;
    const entry = this.#rates.enter(peerNetwork(request.remoteAddress));
    if (entry !== 'ok') return refuse('tooManyAttempts', { retryAfter: secondsOf(entry) });
    const login = textOf(read.body, 'login').normalize('NFKC').trim();
    if (login === '') return refuse('invalidRequest');
    if (!(await captcha.accept(textOf(read.body, 'captcha', 8 * 1024)))) return refuse('captcha');
    return evenly(clock, async () => {
      const row = await this.#parts.directory.findLogin(login, signIn.domainOf(request));
      const phone = await this.#phoneOf(row?.accountId ?? NO_ACCOUNT);
      // By the address where there is one: all names of an account show the same.
      const name = row === undefined ? login.toLowerCase() : `account ${row.accountId}`;
      const walkId = walks.newId();
      const facts: RecoveryFacts = {
        accountId: phone === undefined ? null : (row?.accountId ?? null),
        login,
        phone: selfService.vault.seal(phone ?? selfService.vault.decoyFor(name), contextOf(walkId), random),
      };
      const { walk, cookie } = await walks.begin(request, facts, walkId);
      return answer(200, this.#standing(walk), { 'set-cookie': cookie });
    });
  }

  /** Of an account that its owner may come back into; one that was frozen since nobody used it is opened by that. */
  async #phoneOf(accountId: AccountId): Promise<string | undefined> {
    const { directory, selfService } = this.#parts;
    const [account, isArchived, phone, since] = await Promise.all([
      directory.account(accountId),
      directory.isArchived(accountId),
      selfService.phoneOf(accountId),
      directory.provenSince(accountId),
    ]);
    if (account?.state !== 'active' || isArchived) return undefined;
    const isOpen = rulesOfStage(account.stage).signsIn && since !== undefined;
    return isOpen || isFrozen(account.stage) ? phone : undefined;
  }

  #standing({ walkId, step, facts, expiresAt }: Walk<RecoveryFacts>): RecoveryStanding {
    const { selfService, clock } = this.#parts;
    return {
      step: step === NAMED ? 'phone' : 'password',
      login: facts.login,
      phone: maskPhone(selfService.vault.open(facts.phone, contextOf(walkId))),
      expiresIn: Math.max(0, secondsOf(expiresAt - clock.now())),
    };
  }

  async #sendCode({ remoteAddress }: HttpRequest, { walkId, facts }: Walk<RecoveryFacts>): Promise<HttpAnswer> {
    const { sms, selfService, log } = this.#parts;
    const phone = selfService.vault.open(facts.phone, contextOf(walkId));
    const isDecoy = facts.accountId === null;
    const outcome = await sms.sendCode({ codeId: contextOf(walkId), phone, remoteAddress, isDecoy });
    if (outcome.kind === 'tooOften') return refuse('smsTooOften', { retryAfter: secondsOf(outcome.retryAfterMs) });
    // What a vendor says, and how long it takes, would tell real numbers from others.
    if (outcome.kind === 'admitted') {
      outcome.sent
        .then(
          (sent) => void (sent.kind === 'sent' || log.warn({ outcome: sent.kind }, 'a recovery code did not go out')),
        )
        .catch((error: unknown) => log.error({ err: error }, 'a recovery code did not go out'));
    }
    const sent: CodeSent = { phone: maskPhone(phone), retryAfter: secondsOf(SMS_LIMITS.perNumber[0].withinMs) };
    return answer(200, sent);
  }

  async #checkCode(body: Readonly<Record<string, unknown>>, walk: Walk<RecoveryFacts>): Promise<HttpAnswer> {
    const { sms, selfService, walks } = this.#parts;
    const phone = selfService.vault.open(walk.facts.phone, contextOf(walk.walkId));
    const code = textOf(body, 'code', ACTIVATION_LIMITS.secretLength);
    const check = await sms.checkCode({ codeId: contextOf(walk.walkId), phone, code });
    if (check !== 'right') return refuse(check === 'wrong' ? 'wrongCode' : 'codeExpired');
    if (!(await walks.advance(walk, PROVEN, walk.facts))) return refuse('stale');
    return answer(200, this.#standing({ ...walk, step: PROVEN }));
  }

  async #finish(
    request: HttpRequest,
    body: Readonly<Record<string, unknown>>,
    walk: Walk<RecoveryFacts>,
  ): Promise<HttpAnswer> {
    const { selfService, sessions, sms, walks, judgePassword, tell, audit, log } = this.#parts;
    const { accountId, phone: sealed } = walk.facts;
    if (walk.step !== PROVEN || accountId === null) return refuse('stale');
    const phone = selfService.vault.open(sealed, contextOf(walk.walkId));
    // Unbound, suspended, bound to another since.
    if ((await this.#phoneOf(accountId)) !== phone) return refuse('over');
    const password = textOf(body, 'password', ACTIVATION_LIMITS.secretLength);
    const problems = await judgePassword(accountId, password, { phones: [phone], aliases: [] });
    if (problems.length > 0) return refuse('password', { problems });
    // Before the password: one browser of two that race sets it.
    const ended = await walks.end(request, walk);
    await selfService.recover(accountId, password);
    await sessions.endAll(accountId);
    const { remoteAddress } = request;
    log.info({ accountId, remoteAddress }, 'a password was set anew by telephone');
    audit.record({
      action: 'identity.password',
      actor: { kind: 'account', accountId, name: walk.facts.login },
      accountId,
      subject: walk.facts.login,
      via: 'web',
      remoteAddress,
      detail: { how: 'recovered', phone: maskPhone(phone) },
    });
    Promise.all([tell(accountId, NOTICES.passwordRecovered), sms.notify(phone, 'passwordChanged')]).catch(
      (error: unknown) => log.error({ err: error, accountId }, 'the owner could not be told of a new password'),
    );
    return { status: 204, headers: { 'set-cookie': ended } };
  }
}

function contextOf(walkId: string): string {
  return `recovery ${walkId}`;
}
