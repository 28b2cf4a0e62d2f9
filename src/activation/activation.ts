/**
 * How somebody whom the roster names claims the account that waits for them (S-23 … S-25): number, name and initial
 * password; a telephone; alias and new password. Three steps of one browser, and one commit at their end.
 */
import { CONSENT_DOCUMENT, CONSENT_VERSION } from '#contract/activation.ts';
import type { ActivationStanding, AliasProblem, CodeSent, PasswordProblem, School } from '#contract/activation.ts';
import type { Audit } from '#audit/audit.ts';
import type { Clock } from '#base/clock.ts';
import type { AccountId } from '#base/ids.ts';
import type { Logger } from '#base/log.ts';
import type { Metrics } from '#base/metrics.ts';
import type { Random } from '#base/random.ts';
import { formatAddress } from '#directory/address.ts';
import type { Directory } from '#directory/directory.ts';
import { foldName } from '#directory/person-name.ts';
import { canonicalizePhone, maskPhone } from '#directory/phone-number.ts';
import { smsStepOf } from '#directory/second-steps.ts';
import type { SelfService } from '#directory/self-service.ts';
import type { PersonRow } from '#directory/types.ts';
import { addressOf } from '#http/other-host.ts';
import type { HttpAnswer, HttpRequest, HttpRoute } from '#http/types.ts';
import type { Captcha } from '#signin/captcha.ts';
import type { WebSignIn } from '#signin/signin.ts';
import type { Walk, Walks } from '#signin/walks.ts';
import { SMS_LIMITS } from '#sms/limits.ts';
import type { Sms } from '#sms/sms.ts';
import { answer } from '#signin/answers.ts';
import { ACTIVATION_LIMITS } from './limits.ts';
import { evenly, refusalOf, refuse, secondsOf, stepRoute, textOf } from './steps.ts';

/** What is wrong with a new password; none: nothing. */
export type JudgePassword = (
  accountId: AccountId,
  password: string,
  /** Not yet the account's, and not to be in its password either. */
  also: { readonly phones: readonly string[]; readonly aliases: readonly string[] },
) => Promise<readonly PasswordProblem[]>;

/** What the steps proved. */
export interface ActivationFacts {
  readonly accountId: AccountId;
  readonly number: string;
  readonly name: string;
  readonly address: string;
  readonly provedAt: number;
  /** Sealed; null: none yet. */
  readonly phone: string | null;
}

export interface ActivationParts {
  readonly directory: Pick<
    Directory,
    'findPerson' | 'addressesOf' | 'account' | 'signIn' | 'matchInitial' | 'provenSince' | 'realmOf' | 'addFactor'
  >;
  readonly selfService: SelfService;
  readonly sms: Sms;
  readonly walks: Walks<ActivationFacts>;
  readonly signIn: WebSignIn;
  readonly captcha: Pick<Captcha, 'accept'>;
  readonly judgePassword: JudgePassword;
  readonly schools: () => Promise<readonly School[]>;
  readonly audit: Pick<Audit, 'record'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly metrics: Metrics;
}

/** An id no account has: looking it up costs what looking up a real one does. */
const NOBODY = 0 as AccountId;
/** A domain that nobody has (RFC 2606 §2). */
const NOWHERE = 'nobody.invalid';

/** Steps behind a walk. */
const VERIFIED = 0;
const WITH_PHONE = 1;

export class Activation {
  readonly #parts: ActivationParts;

  constructor(parts: ActivationParts) {
    this.#parts = parts;
  }

  routes(): readonly HttpRoute[] {
    const { schools } = this.#parts;
    const step = (path: string, respond: Parameters<typeof stepRoute<ActivationFacts>>[2]): HttpRoute =>
      stepRoute(this.#parts, path, respond);
    return [
      {
        method: 'GET',
        path: '/activation/schools',
        respond: async () => ({ ...answer(200, { schools: await schools() }), cacheControl: 'public, max-age=3600' }),
      },
      { method: 'POST', path: '/activation/begin', respond: (request) => this.#begin(request) },
      {
        method: 'GET',
        path: '/activation/walk',
        respond: async (request) => {
          const walk = await this.#parts.walks.find(request);
          return walk === undefined ? refuse('noWalk') : answer(200, this.#standing(walk));
        },
      },
      step('/activation/code', (request, body, walk) => this.#sendCode(request, body, walk)),
      step('/activation/phone', (_, body, walk) => this.#takePhone(body, walk)),
      step('/activation/alias', (_, body, walk) => this.#judgeAlias(body, walk)),
      step('/activation/finish', (request, body, walk) => this.#finish(request, body, walk)),
      step('/activation/leave', async (request, _, walk) => ({
        status: 204,
        headers: { 'set-cookie': await this.#parts.walks.end(request, walk) },
      })),
    ];
  }

  // Number, name, initial password

  async #begin(request: HttpRequest): Promise<HttpAnswer> {
    const { signIn, captcha, clock } = this.#parts;
    const read = await signIn.readOwn(request);
    if ('status' in read) return read;
    const { body } = read;
    if (textOf(body, 'consent') !== CONSENT_VERSION) return refuse('consent');
    return evenly(clock, async () => {
      const isSolved = await captcha.accept(textOf(body, 'captcha', 8 * 1024));
      const answer = isSolved ? await this.#verify(request, body) : refuse('noMatch');
      this.#parts.metrics.count('campusmail_activation_steps_total', { step: 'verify', status: String(answer.status) });
      return answer;
    });
  }

  /**
   * Whatever does not fit, the same is done and said: the number is looked up, and one password checked and counted, which
   * is a wrong one where anything else is wrong.
   */
  async #verify(request: HttpRequest, body: Readonly<Record<string, unknown>>): Promise<HttpAnswer> {
    const { directory, walks, clock, log, schools } = this.#parts;
    const { remoteAddress, host, origin } = request;
    const number = textOf(body, 'number');
    const name = foldName(textOf(body, 'name'));
    const school = textOf(body, 'school');
    const password = textOf(body, 'password', ACTIVATION_LIMITS.secretLength).trim();
    const provedAt = clock.now();
    const person = await directory.findPerson(number);
    const [primary] = await directory.addressesOf(person?.accountId ?? NOBODY);
    const isTheirs =
      person !== undefined &&
      primary !== undefined &&
      namesOf(person).includes(name) &&
      (await schools()).some(({ id }) => id === school);
    const result = await directory.signIn({
      login: primary === undefined ? `${number}@${NOWHERE}` : formatAddress(primary),
      // No password holds U+0000, and each wrong name makes it another guess.
      password: isTheirs ? password : `${password}\0${name}`,
      protocol: 'http',
      remoteAddress,
      host,
      setsPassword: true,
    });
    if (!result.ok) {
      switch (result.reason) {
        case 'limited':
          return refuse('tooManyAttempts', { retryAfter: secondsOf(result.retryAfterMs ?? 60_000) });
        case 'unavailable':
          return refuse('unavailable', { retryAfter: 5 });
        case 'disabled':
        case 'forbidden':
          return refuse('suspended');
        case 'passwordExpired':
          return refuse('passwordExpired');
        case 'wrongDoor':
          return refuse(
            'wrongDoor',
            result.url === undefined ? {} : { url: addressOf(new URL(result.url).hostname, origin) },
          );
        default:
          return refuse('noMatch');
      }
    }
    const { accountId } = result;
    if (person === undefined || primary === undefined || !isTheirs) return refuse('noMatch');
    if ((await directory.account(accountId))?.stage !== 'pending') return refuse('alreadyActive');
    const form = await directory.matchInitial(accountId, password);
    // Of several forms of an initial password (A1), which one people were told.
    log.info({ accountId, remoteAddress, form }, 'an activation began');
    const address = formatAddress(primary);
    const facts = { accountId, address, provedAt, number: person.number, name: person.name, phone: null };
    const { walk, cookie } = await walks.begin(request, facts);
    return answer(200, this.#standing(walk), { 'set-cookie': cookie });
  }

  #standing({ walkId, step, facts, expiresAt }: Walk<ActivationFacts>): ActivationStanding {
    const { selfService, clock } = this.#parts;
    const { number, name, address, phone } = facts;
    return {
      step: step === VERIFIED ? 'phone' : 'password',
      name,
      number,
      address,
      domain: address.slice(address.indexOf('@') + 1),
      phone: phone === null ? null : maskPhone(selfService.vault.open(phone, contextOf(walkId))),
      expiresIn: Math.max(0, secondsOf(expiresAt - clock.now())),
    };
  }

  // The telephone

  async #sendCode(
    { remoteAddress }: HttpRequest,
    body: Readonly<Record<string, unknown>>,
    { walkId }: Walk<ActivationFacts>,
  ): Promise<HttpAnswer> {
    const phone = canonicalizePhone(textOf(body, 'phone'));
    if (phone === undefined) return refuse('badPhone');
    const outcome = await this.#parts.sms.sendCode({ codeId: contextOf(walkId), phone, remoteAddress });
    const sent: CodeSent = { phone: maskPhone(phone), retryAfter: secondsOf(SMS_LIMITS.perNumber[0].withinMs) };
    return (await refusalOf(outcome)) ?? answer(200, sent);
  }

  /** Also again: who mistyped it goes back. */
  async #takePhone(body: Readonly<Record<string, unknown>>, walk: Walk<ActivationFacts>): Promise<HttpAnswer> {
    const { sms, selfService, walks, random } = this.#parts;
    const { walkId } = walk;
    const phone = canonicalizePhone(textOf(body, 'phone'));
    if (phone === undefined) return refuse('badPhone');
    const code = textOf(body, 'code', ACTIVATION_LIMITS.secretLength);
    const check = await sms.checkCode({ codeId: contextOf(walkId), phone, code });
    if (check !== 'right') return refuse(check === 'wrong' ? 'wrongCode' : 'codeExpired');
    // Said only to who holds the telephone.
    if (await selfService.isPhoneFull(phone)) return refuse('phoneFull');
    const facts = { ...walk.facts, phone: selfService.vault.seal(phone, contextOf(walkId), random) };
    if (!(await walks.advance(walk, WITH_PHONE, facts))) return refuse('stale');
    return answer(200, this.#standing({ ...walk, step: WITH_PHONE, facts }));
  }

  // Alias and password

  async #judgeAlias(body: Readonly<Record<string, unknown>>, walk: Walk<ActivationFacts>): Promise<HttpAnswer> {
    if (walk.step !== WITH_PHONE) return refuse('stale');
    const refusal = await this.#parts.selfService.findAliasFault(walk.facts.accountId, textOf(body, 'alias'));
    return refusal === undefined ? answer(200, {}) : refuseAlias(refusal);
  }

  async #finish(
    request: HttpRequest,
    body: Readonly<Record<string, unknown>>,
    walk: Walk<ActivationFacts>,
  ): Promise<HttpAnswer> {
    const { directory, selfService, walks, signIn, judgePassword, audit, clock, log, metrics } = this.#parts;
    const { accountId, provedAt, phone: sealed, address } = walk.facts;
    if (walk.step !== WITH_PHONE || sealed === null) return refuse('stale');
    const phone = selfService.vault.open(sealed, contextOf(walk.walkId));
    const alias = textOf(body, 'alias').trim();
    const password = textOf(body, 'password', ACTIVATION_LIMITS.secretLength);
    const problems = new Set(
      await judgePassword(accountId, password, { phones: [phone], aliases: alias === '' ? [] : [alias] }),
    );
    if ((await directory.matchInitial(accountId, password.trim())) !== -1) problems.add('used');
    if (problems.size > 0) return refuse('password', { problems: [...problems] });
    const { remoteAddress } = request;
    const outcome = await selfService.activate({
      accountId,
      provedAt,
      phone,
      password,
      alias: alias === '' ? null : alias,
      consent: { document: CONSENT_DOCUMENT, version: CONSENT_VERSION, address: remoteAddress },
    });
    metrics.count('campusmail_activation_steps_total', { step: 'finish', status: outcome.kind });
    switch (outcome.kind) {
      case 'aliasRefused':
        return refuseAlias(outcome.refusal);
      case 'phoneFull':
        return refuse('phoneFull');
      case 'over':
        return refuse('over');
      case 'activated':
    }
    log.info({ accountId, remoteAddress }, 'an account was activated');
    const told = { accountId, remoteAddress, subject: address, via: 'web' } as const;
    const actor = { kind: 'account', accountId, name: address } as const;
    const detail = { alias: alias === '' ? null : alias.toLowerCase(), phone: maskPhone(phone) };
    audit.record({ ...told, actor, detail, action: 'identity.account-activated' });
    audit.record({ ...told, actor, action: 'identity.terms', detail: { version: CONSENT_VERSION } });
    // Where there has to be a second step, the telephone that was just shown is it.
    const realm = await directory.realmOf(accountId);
    if (realm?.secondStep === 'required') await directory.addFactor(smsStepOf(accountId));
    // A session stands that began after its password was set, be it in the same millisecond.
    const since = (await directory.provenSince(accountId)) ?? clock.now();
    const ended = await walks.end(request, walk);
    const answer = await signIn.begin(request, { accountId, login: address, provedAt: since + 1 });
    const begun = answer.headers?.['set-cookie'] ?? [];
    return { ...answer, headers: { ...answer.headers, 'set-cookie': [ended, begun].flat() } };
  }
}

export function refuseAlias({
  fault,
  until,
}: {
  readonly fault: AliasProblem;
  readonly until: number | null;
}): HttpAnswer {
  return refuse('alias', { problem: fault, until: until === null ? null : new Date(until).toISOString() });
}

function namesOf({ name, englishName }: PersonRow): readonly string[] {
  return [name, englishName].filter((one) => one !== '').map(foldName);
}

function contextOf(walkId: string): string {
  return `activation ${walkId}`;
}
