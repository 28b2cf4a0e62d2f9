/**
 * The routes of strong sign-in: the second step of a sign-in that has begun, signing in by a passkey alone, and what an account's owner
 * sees and changes of it (设置 → 高级功能). What is changed needs a proof not older than ten minutes.
 */
import type { Clock } from '#base/clock.ts';
import { isMailError } from '#base/errors.ts';
import type { Random } from '#base/random.ts';
import { CLIENT_SCOPES, scopesOf } from '#directory/client-passwords.ts';
import type { Directory } from '#directory/directory.ts';
import { hasSecondStep, smsStepOf } from '#directory/second-steps.ts';
import type { AccountId, FactorKind, FactorRow } from '#directory/types.ts';
import type { HttpAnswer, HttpRequest, HttpRoute } from '#http/types.ts';
import { answer, readJson, refusal } from './answers.ts';
import { Carried } from './carried.ts';
import { formatCookie, readCookie } from './cookie.ts';
import { isForeign } from './cross-site.ts';
import { enrolmentRoutes } from './enrolment.ts';
import { SIGNIN_LIMITS } from './limits.ts';
import { readNewPasskey, readNewTotp } from './new-factor.ts';
import { accountOf, type Challenge, type Passkeys } from './passkeys.ts';
import type { SessionRow } from './ports/session-store.ts';
import { countRecoveryCodes, makeRecoveryCodes } from './recovery-codes.ts';
import { sentAnswer, wrongAnswer, type SecondStep, type SmsStep, type StepProof } from './second-step.ts';
import type { Asked, StepPolicy } from './step-policy.ts';
import type { Totp } from './totp.ts';

/** Whose password was right, in one browser, for some minutes: no session yet. */
interface Begun {
  readonly accountId: AccountId;
  readonly login: string;
  readonly provedAt: number;
  /** To be set once the second step is done. */
  readonly newPassword?: string;
  readonly challenge?: Challenge;
  /** `sms`: a code is asked for that its owner has not set up. `enrolment`: only that is left. */
  readonly forced?: 'sms' | 'enrolment';
}

/** Who is to be signed in. */
export interface Proven {
  readonly accountId: AccountId;
  readonly login: string;
  /** From before anything was checked. */
  readonly provedAt: number;
}

export interface StrongParts {
  readonly directory: Directory;
  readonly steps: SecondStep;
  readonly policy: StepPolicy;
  readonly totp: Totp;
  readonly passkeys: Passkeys;
  readonly sms?: SmsStep;
  readonly clock: Clock;
  readonly random: Random;
  /** What apps and keys call us. */
  readonly siteName: string;
}

/** What the routes ask of the sign-in that they belong to. */
export interface StrongDoor {
  findSession(request: HttpRequest): Promise<SessionRow | HttpAnswer>;
  /** A session for this browser; the cookies go with the answer. */
  open(request: HttpRequest, proven: Proven, cookies: readonly string[]): Promise<HttpAnswer>;
  /** Whether an account whose owner is here is open to them, at this host; otherwise the answer, which says why. */
  admit(request: HttpRequest, accountId: AccountId): Promise<{ readonly login: string } | HttpAnswer>;
  /** Whether it is the account's password, within the limits; otherwise the answer. `setsPassword`: another is set at once. */
  checkPassword(
    request: HttpRequest,
    login: string,
    password: string,
    options?: { readonly setsPassword: boolean },
  ): Promise<HttpAnswer | undefined>;
}

export class StrongSignIn {
  readonly #parts: StrongParts;
  readonly #begun: Carried<Begun>;
  /** A passkey asked for without a name, or one that is being made. */
  readonly #asked: Carried<Challenge>;
  /** That who uses a session has proven it again. */
  readonly #proof: Carried<{ readonly sessionId: string }>;

  constructor(parts: StrongParts) {
    this.#parts = parts;
    const { directory, clock, random } = parts;
    const carry = (name: string, maxAgeMs: number) => ({ key: directory.factorKey, clock, random, name, maxAgeMs });
    this.#begun = new Carried(carry('begun', SIGNIN_LIMITS.begunMs));
    this.#asked = new Carried(carry('asked', SIGNIN_LIMITS.begunMs));
    this.#proof = new Carried(carry('proof', SIGNIN_LIMITS.proofMs));
  }

  /** What this browser would be asked for after the password. */
  stepsFor(request: HttpRequest, accountId: AccountId): Promise<Asked> {
    const { steps, policy } = this.#parts;
    const device = readCookie(request.header('cookie'), request.isSecure, deviceCookie(accountId));
    return policy.ask(accountId, request.remoteAddress, () => steps.isTrusted(accountId, device));
  }

  /** The password was right: undefined when that is enough here, else the answer that asks for more. */
  async goOn(request: HttpRequest, proven: Proven, newPassword?: string): Promise<HttpAnswer | undefined> {
    const begun: Begun = newPassword === undefined ? proven : { ...proven, newPassword };
    return this.#askFor(request, begun, await this.stepsFor(request, proven.accountId));
  }

  #askFor(request: HttpRequest, begun: Begun, asked: Asked): HttpAnswer | undefined {
    if (asked.kind === 'nothing') return undefined;
    const [error, forced] =
      asked.kind === 'enrolment'
        ? (['enrolmentRequired', 'enrolment'] as const)
        : (['secondStepRequired', asked.isForced ? 'sms' : undefined] as const);
    const cookie = this.#begun.give(request, forced === undefined ? begun : { ...begun, forced });
    return refusal(error, { 'set-cookie': cookie }, undefined, asked.choices);
  }

  /**
   * What weakens or lends the account must not do when it is asked of a browser left open: undefined when its owner has proven to be
   * there within ten minutes, else the answer that asks for it.
   */
  async asksProof(request: HttpRequest, session: SessionRow): Promise<HttpAnswer | undefined> {
    const isFresh = this.#parts.clock.now() - session.createdAt < SIGNIN_LIMITS.proofMs;
    if (isFresh || this.#proof.read(request)?.sessionId === session.sessionId) return undefined;
    return refusal('proofRequired', {}, undefined, await this.#proofChoices(session.accountId));
  }

  routes(door: StrongDoor): readonly HttpRoute[] {
    const { directory, totp, passkeys } = this.#parts;
    const own =
      (respond: (request: HttpRequest, session: SessionRow) => Promise<HttpAnswer>) =>
      async (request: HttpRequest): Promise<HttpAnswer> => {
        const session = await door.findSession(request);
        return 'status' in session ? session : respond(request, session);
      };
    const proven = (respond: (request: HttpRequest, session: SessionRow) => Promise<HttpAnswer>) =>
      own(async (request, session) => (await this.asksProof(request, session)) ?? respond(request, session));
    /** A further second step: where the realm has them. */
    const adding = (respond: (request: HttpRequest, session: SessionRow) => Promise<HttpAnswer>) =>
      proven(async (request, session) => {
        const realm = await directory.realmOf(session.accountId);
        return realm?.secondStep === 'off' ? answer(409, { error: 'secondStepOff' }) : respond(request, session);
      });
    const remove = (kinds: readonly FactorKind[]) =>
      proven(async (request, { accountId }) => {
        const gone = await directory.removeFactors(accountId, kinds, request.params['id']);
        // With the last step its paper goes, and nobody is trusted to have shown it.
        if (!hasSecondStep(await directory.factorsOf(accountId)))
          await directory.removeFactors(accountId, ['recovery', 'device']);
        return gone > 0 ? { status: 204 } : answer(404, { error: 'notFound' });
      });
    return [
      { method: 'POST', path: '/auth/second-step', respond: (request) => this.#finish(request, door) },
      { method: 'POST', path: '/auth/second-step/sms', respond: (request) => this.#sendSms(request) },
      { method: 'POST', path: '/auth/second-step/passkey', respond: (request) => this.#askForPasskey(request) },
      ...enrolmentRoutes({
        ...this.#parts,
        asked: this.#asked,
        begun: async (request) => {
          const begun = this.#begun.read(request);
          return begun?.forced === 'enrolment' && (await this.#stands(begun)) ? begun : undefined;
        },
        open: (request, begun) => this.#open(request, begun, door),
      }),
      { method: 'POST', path: '/auth/passkey/options', respond: (request) => this.#askForAnyPasskey(request) },
      { method: 'POST', path: '/auth/passkey', respond: (request) => this.#signInByPasskey(request, door) },
      {
        method: 'GET',
        path: '/auth/security',
        respond: own(async (_, { accountId }) => answer(200, await this.#describe(accountId))),
      },
      { method: 'POST', path: '/auth/proof', respond: own((request, session) => this.#prove(request, session, door)) },
      {
        method: 'POST',
        path: '/auth/proof/passkey',
        respond: own(async (request, { accountId }) => this.#giveChallenge(request, await this.#passkeysOf(accountId))),
      },
      { method: 'POST', path: '/auth/password', respond: own((request, one) => this.#setPassword(request, one, door)) },
      {
        method: 'POST',
        path: '/auth/security/totp/begin',
        respond: adding(async (_, { accountId, login }) =>
          answer(200, await totp.begin(accountId, this.#parts.siteName, login)),
        ),
      },
      {
        method: 'POST',
        path: '/auth/security/totp',
        respond: adding(async (request, { accountId }) => {
          const made = await readNewTotp(request, totp, accountId);
          if ('status' in made) return made;
          await directory.removeFactors(accountId, ['totp']);
          return this.#add({ accountId, ...made, usedAt: null, usedFrom: '' });
        }),
      },
      { method: 'DELETE', path: '/auth/security/totp', respond: remove(['totp']) },
      {
        method: 'POST',
        path: '/auth/security/passkeys/begin',
        respond: adding(async (request, { accountId, login }) => {
          const name = (await directory.account(accountId))?.displayName ?? '';
          const others = await this.#passkeysOf(accountId);
          const asked = await passkeys.beginMaking(request, { accountId, login, name }, this.#parts.siteName, others);
          return answer(200, asked.options, { 'set-cookie': this.#asked.give(request, asked.challenge) });
        }),
      },
      {
        method: 'POST',
        path: '/auth/security/passkeys',
        respond: adding(async (request, { accountId }) => {
          const made = await readNewPasskey(request, passkeys, this.#asked.read(request));
          return 'status' in made ? made : this.#add({ accountId, ...made, usedAt: null, usedFrom: '' });
        }),
      },
      { method: 'DELETE', path: '/auth/security/passkeys/:id', respond: remove(['passkey']) },
      {
        method: 'POST',
        path: '/auth/security/sms',
        respond: adding(async (_, { accountId }) => {
          if ((await this.#parts.sms?.maskedPhone(accountId)) === undefined) return answer(409, { error: 'noPhone' });
          return this.#add(smsStepOf(accountId));
        }),
      },
      { method: 'DELETE', path: '/auth/security/sms', respond: remove(['sms']) },
      {
        method: 'POST',
        path: '/auth/security/recovery-codes',
        respond: proven(async (_, { accountId }) => {
          if (!hasSecondStep(await directory.factorsOf(accountId))) return answer(409, { error: 'noSecondStep' });
          const { codes, secret } = makeRecoveryCodes(directory.factorKey, accountId, this.#parts.random);
          await directory.removeFactors(accountId, ['recovery']);
          const factor = { factorId: 'recovery', kind: 'recovery', name: '', usedAt: null, usedFrom: '' } as const;
          await directory.addFactor({ accountId, ...factor, secret });
          return answer(200, { codes });
        }),
      },
      { method: 'DELETE', path: '/auth/security/devices/:id', respond: remove(['device']) },
      {
        method: 'POST',
        path: '/auth/security/client-passwords',
        respond: proven(async (request, { accountId }) => {
          const { name, scopes } = await readJson(request, SIGNIN_LIMITS.requestBytes);
          const wanted = CLIENT_SCOPES.filter((scope) => Array.isArray(scopes) && scopes.includes(scope));
          if (typeof name !== 'string' || name.trim() === '' || wanted.length === 0) return refusal('invalidRequest');
          try {
            return answer(200, { password: await directory.makeClientPassword(accountId, name, wanted) });
          } catch (error) {
            return expected(error);
          }
        }),
      },
      { method: 'DELETE', path: '/auth/security/client-passwords/:id', respond: remove(['client']) },
    ];
  }

  // A sign-in that has begun

  async #finish(request: HttpRequest, door: StrongDoor): Promise<HttpAnswer> {
    if (isForeign(request)) return refusal('crossSite');
    const begun = this.#begun.read(request);
    if (begun === undefined) return refusal('notSignedIn');
    const { accountId } = begun;
    const given = await readJson(request, SIGNIN_LIMITS.passkeyBytes);
    const proof = readProof(given, request, begun.challenge, begun.forced === 'sms');
    // Who has a step to set up has none to show.
    if (proof === undefined || begun.forced === 'enrolment') return refusal('invalidRequest');
    const { steps, directory, policy } = this.#parts;
    const outcome = await steps.check(accountId, proof, request.remoteAddress);
    if (outcome !== 'right') return wrongAnswer(outcome);
    await directory.removeFactors(accountId, ['alarm']);
    // What the help desk gave out was for this once.
    if (!hasSecondStep(await directory.factorsOf(accountId))) await directory.removeFactors(accountId, ['recovery']);
    const asked = await policy.askForEnrolment(accountId);
    const more = this.#askFor(request, begun, asked);
    if (more !== undefined) return more;
    const cookies: string[] = [];
    if (given['trust'] === true) {
      const token = await steps.trust(accountId, request.header('user-agent') ?? '');
      const maxAgeS = SIGNIN_LIMITS.trustedMs / 1000;
      cookies.push(formatCookie(token, { isSecure: request.isSecure, maxAgeS, name: deviceCookie(accountId) }));
    }
    return this.#open(request, begun, door, cookies);
  }

  /** All that was asked for is shown. */
  async #open(request: HttpRequest, begun: Begun, door: StrongDoor, more: readonly string[] = []): Promise<HttpAnswer> {
    const { directory, clock } = this.#parts;
    const { accountId, newPassword } = begun;
    if (!(await this.#stands(begun))) return refusal('notSignedIn');
    const cookies = [this.#begun.end(request), ...more];
    if (newPassword === undefined) return door.open(request, begun, cookies);
    await directory.setPassword(accountId, newPassword);
    return door.open(request, { ...begun, provedAt: clock.now() + 1 }, cookies);
  }

  /** A password that was changed meanwhile, or an account that was shut, opens nothing. */
  async #stands({ accountId, provedAt }: Begun): Promise<boolean> {
    const since = await this.#parts.directory.provenSince(accountId);
    return since !== undefined && since < provedAt;
  }

  async #sendSms(request: HttpRequest): Promise<HttpAnswer> {
    if (isForeign(request)) return refusal('crossSite');
    const begun = this.#begun.read(request);
    if (begun === undefined) return refusal('notSignedIn');
    const { steps, sms } = this.#parts;
    const isAsked = begun.forced === 'sms' || (await steps.choices(begun.accountId)).steps.includes('sms');
    if (sms === undefined || !isAsked) return refusal('invalidRequest');
    return sentAnswer(await sms.sendCode(begun.accountId, request.remoteAddress));
  }

  async #askForPasskey(request: HttpRequest): Promise<HttpAnswer> {
    if (isForeign(request)) return refusal('crossSite');
    const begun = this.#begun.read(request);
    if (begun === undefined) return refusal('notSignedIn');
    const { options, challenge } = await this.#parts.passkeys.beginShowing(
      request,
      await this.#passkeysOf(begun.accountId),
    );
    return answer(200, options, { 'set-cookie': this.#begun.give(request, { ...begun, challenge }) });
  }

  async #askForAnyPasskey(request: HttpRequest): Promise<HttpAnswer> {
    return isForeign(request) ? refusal('crossSite') : this.#giveChallenge(request, []);
  }

  async #giveChallenge(request: HttpRequest, own: readonly FactorRow[]): Promise<HttpAnswer> {
    const { options, challenge } = await this.#parts.passkeys.beginShowing(request, own);
    return answer(200, options, { 'set-cookie': this.#asked.give(request, challenge) });
  }

  /** A passkey that knows its owner is both steps at once. */
  async #signInByPasskey(request: HttpRequest, door: StrongDoor): Promise<HttpAnswer> {
    if (isForeign(request)) return refusal('crossSite');
    const challenge = this.#asked.read(request);
    const { response } = await readJson(request, SIGNIN_LIMITS.passkeyBytes);
    const accountId = accountOf(response);
    if (challenge === undefined || accountId === undefined) return refusal('invalidCredentials');
    const { steps, clock } = this.#parts;
    const provedAt = clock.now();
    const proof: StepProof = { kind: 'passkey', response, challenge, host: request, isAlone: true };
    const outcome = await steps.check(accountId, proof, request.remoteAddress);
    if (outcome !== 'right') return outcome === 'wrong' ? refusal('invalidCredentials') : wrongAnswer(outcome);
    const admitted = await door.admit(request, accountId);
    if ('status' in admitted) return admitted;
    return door.open(request, { accountId, login: admitted.login, provedAt }, [this.#asked.end(request)]);
  }

  // What an owner sees and changes

  async #describe(accountId: AccountId): Promise<object> {
    const { directory, sms } = this.#parts;
    const [realm, factors, since, phone] = await Promise.all([
      directory.realmOf(accountId),
      directory.factorsOf(accountId),
      directory.provenSince(accountId),
      sms?.maskedPhone(accountId),
    ]);
    const of = (kind: FactorKind): readonly FactorRow[] => factors.filter((one) => one.kind === kind);
    const [codes] = of('recovery');
    return {
      passwordChangedAt: since === undefined ? null : toIso(since),
      secondStep: realm?.secondStep ?? 'optional',
      totp: of('totp').map(describe)[0] ?? null,
      passkeys: of('passkey').map(describe),
      sms: { isOn: of('sms').length > 0, phone: phone ?? null },
      recoveryCodesLeft: codes === undefined ? 0 : countRecoveryCodes(codes),
      devices: of('device').map(describe),
      clientPasswords: of('client').map((one) => ({ ...describe(one), scopes: scopesOf(one) })),
    };
  }

  async #proofChoices(accountId: AccountId): Promise<object> {
    const choices = await this.#parts.steps.choices(accountId);
    return choices.steps.length === 0 ? { steps: ['password'] } : choices;
  }

  /** The second step where there is one, otherwise the password. */
  async #prove(request: HttpRequest, session: SessionRow, door: StrongDoor): Promise<HttpAnswer> {
    const { accountId, sessionId, login } = session;
    const given = await readJson(request, SIGNIN_LIMITS.passkeyBytes);
    const choices = await this.#parts.steps.choices(accountId);
    if (choices.steps.length === 0) {
      const { password } = given;
      if (typeof password !== 'string') return refusal('invalidRequest');
      const refused = await door.checkPassword(request, login, password);
      if (refused !== undefined) return refused;
    } else {
      const proof = readProof(given, request, this.#asked.read(request));
      if (proof === undefined) return refusal('invalidRequest');
      const outcome = await this.#parts.steps.check(accountId, proof, request.remoteAddress);
      if (outcome !== 'right') return wrongAnswer(outcome);
    }
    return { status: 204, headers: { 'set-cookie': this.#proof.give(request, { sessionId }) } };
  }

  async #setPassword(request: HttpRequest, session: SessionRow, door: StrongDoor): Promise<HttpAnswer> {
    const { directory, clock } = this.#parts;
    const { accountId, login } = session;
    const { password, newPassword } = await readTexts(request, ['password', 'newPassword']);
    const refused = await door.checkPassword(request, login, password, { setsPassword: true });
    if (refused !== undefined) return refused;
    const faults = await directory.judgePassword(accountId, newPassword);
    if (faults.length > 0) return refusal('weakPassword', {}, undefined, { faults });
    await directory.setPassword(accountId, newPassword);
    // All sessions ended with the old one; this browser gets another.
    return door.open(request, { accountId, login, provedAt: clock.now() + 1 }, []);
  }

  async #passkeysOf(accountId: AccountId): Promise<readonly FactorRow[]> {
    return (await this.#parts.directory.factorsOf(accountId)).filter(({ kind }) => kind === 'passkey');
  }

  async #add(row: Omit<FactorRow, 'createdAt'>): Promise<HttpAnswer> {
    try {
      await this.#parts.directory.addFactor(row);
      return { status: 204 };
    } catch (error) {
      return expected(error);
    }
  }
}

/** Several people may use one browser. */
function deviceCookie(accountId: AccountId): string {
  return `device-${accountId}`;
}

function describe({ factorId, name, createdAt, usedAt, usedFrom }: FactorRow): object {
  const used = usedAt === null ? null : toIso(usedAt);
  return { id: factorId, name, createdAt: toIso(createdAt), usedAt: used, usedFrom };
}

function toIso(ms: number): string {
  return new Date(ms).toISOString();
}

function readProof(
  given: Readonly<Record<string, unknown>>,
  host: HttpRequest,
  challenge: Challenge | undefined,
  isForced = false,
): StepProof | undefined {
  const { kind, code, response } = given;
  if (kind === 'passkey') return challenge && { kind, response, challenge, host, isAlone: false };
  if (typeof code !== 'string' || code.length > SIGNIN_LIMITS.codeLength) return undefined;
  if (kind === 'sms') return { kind, code, isForced };
  return kind === 'totp' || kind === 'recovery' ? { kind, code } : undefined;
}

async function readTexts<Name extends string>(
  request: HttpRequest,
  names: readonly Name[],
): Promise<Readonly<Record<Name, string>>> {
  const given = await readJson(request, SIGNIN_LIMITS.requestBytes);
  return Object.fromEntries(
    names.map((name) => [name, typeof given[name] === 'string' ? given[name] : '']),
  ) as Readonly<Record<Name, string>>;
}

/** What somebody's own doing led to. */
function expected(error: unknown): HttpAnswer {
  if (isMailError(error, 'limit')) return answer(409, { error: 'limit' });
  if (isMailError(error, 'alreadyExists')) return answer(409, { error: 'alreadyExists' });
  if (isMailError(error, 'invalid')) return refusal('invalidRequest');
  throw error;
}
