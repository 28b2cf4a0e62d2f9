/** What somebody signed in changes of their own account: the alias (修改别名), the telephone (手机绑定). */
import type { CodeSent, OwnAlias, OwnPhone } from '#contract/activation.ts';
import type { AccountId } from '#base/ids.ts';
import type { Logger } from '#base/log.ts';
import type { Directory } from '#directory/directory.ts';
import { canonicalizePhone, maskPhone } from '#directory/phone-number.ts';
import type { SelfService } from '#directory/self-service.ts';
import type { Audit } from '#audit/audit.ts';
import type { AuditDetail } from '#audit/types.ts';
import type { Clock } from '#base/clock.ts';
import type { HttpAnswer, HttpRequest, HttpRoute } from '#http/types.ts';
import type { WebSignIn } from '#signin/signin.ts';
import { SMS_LIMITS } from '#sms/limits.ts';
import type { Sms } from '#sms/sms.ts';
import { answer } from '#signin/answers.ts';
import { refuseAlias } from './activation.ts';
import { ACTIVATION_LIMITS } from './limits.ts';
import { refusalOf, refuse, secondsOf, textOf } from './steps.ts';
import { NOTICES, type AccountNotice } from './texts.ts';

export interface OwnAccountParts {
  readonly directory: Pick<Directory, 'addressesOf'>;
  readonly selfService: SelfService;
  readonly sms: Sms;
  readonly signIn: WebSignIn;
  /** By mail. */
  readonly tell: (accountId: AccountId, notice: AccountNotice) => Promise<void>;
  readonly audit: Pick<Audit, 'record'>;
  readonly clock: Clock;
  readonly log: Logger;
}

type Session = Exclude<Awaited<ReturnType<WebSignIn['findSession']>>, HttpAnswer>;
type Body = Readonly<Record<string, unknown>>;

export class OwnAccount {
  readonly #parts: OwnAccountParts;

  constructor(parts: OwnAccountParts) {
    this.#parts = parts;
  }

  routes(): readonly HttpRoute[] {
    const { signIn } = this.#parts;
    const get = (path: string, respond: (session: Session) => Promise<HttpAnswer>): HttpRoute => ({
      method: 'GET',
      path,
      respond: async (request) => {
        const session = await signIn.findSession(request, { mayOwe: isOfPhone(path) ? ['phone'] : [] });
        return 'status' in session ? session : respond(session);
      },
    });
    const post = (
      path: string,
      respond: (session: Session, body: Body, request: HttpRequest) => Promise<HttpAnswer>,
    ): HttpRoute => ({
      method: 'POST',
      path,
      respond: async (request) => {
        const session = await signIn.findSession(request, { mayOwe: isOfPhone(path) ? ['phone'] : [] });
        if ('status' in session) return session;
        const read = await signIn.readOwn(request);
        return 'status' in read ? read : respond(session, read.body, request);
      },
    });
    return [
      get('/auth/alias', async ({ accountId }) => answer(200, await this.#alias(accountId))),
      post('/auth/alias', (session, body, request) => this.#chooseAlias(session, textOf(body, 'alias'), request)),
      post('/auth/alias/check', async ({ accountId }, body) => {
        const refusal = await this.#parts.selfService.findAliasFault(accountId, textOf(body, 'alias'));
        return refusal === undefined ? answer(200, {}) : refuseAlias(refusal);
      }),
      get('/auth/phone', async ({ accountId }) => answer(200, await this.#phone(accountId))),
      post('/auth/phone/code', (session, body, request) => this.#sendCode(session, body, request)),
      post('/auth/phone', (session, body, request) => this.#bind(session, body, request)),
      post('/auth/phone/unbind', (session, body, request) => this.#unbind(session, body, request)),
    ];
  }

  async #alias(accountId: AccountId): Promise<OwnAlias> {
    const { directory, selfService, clock } = this.#parts;
    const [standing, [primary]] = await Promise.all([selfService.aliasOf(accountId), directory.addressesOf(accountId)]);
    const { address, changeableAt, held } = standing;
    return {
      address,
      domain: primary?.domain ?? '',
      changeableAt: changeableAt > clock.now() ? new Date(changeableAt).toISOString() : null,
      held: held.map((one) => ({ address: one.address, until: new Date(one.until).toISOString() })),
    };
  }

  async #chooseAlias(session: Session, text: string, request: HttpRequest): Promise<HttpAnswer> {
    const { accountId } = session;
    const refusal = await this.#parts.selfService.chooseAlias(accountId, text);
    if (refusal !== undefined) return refuseAlias(refusal);
    this.#record(session, request, 'identity.alias', { how: 'chosen', alias: text.trim().toLowerCase() });
    return answer(200, await this.#alias(accountId));
  }

  async #phone(accountId: AccountId): Promise<OwnPhone> {
    const phone = await this.#parts.selfService.phoneOf(accountId);
    return { phone: phone === undefined ? null : maskPhone(phone) };
  }

  /** To the telephone that is bound, which must agree to be released; else to the one that is to be bound. */
  async #sendCode({ accountId }: Session, body: Body, { remoteAddress }: HttpRequest): Promise<HttpAnswer> {
    const { selfService, sms } = this.#parts;
    const bound = await selfService.phoneOf(accountId);
    const phone = bound ?? canonicalizePhone(textOf(body, 'phone'));
    if (phone === undefined) return refuse('badPhone');
    const outcome = await sms.sendCode({ codeId: codeIdOf(accountId, bound !== undefined), phone, remoteAddress });
    const sent: CodeSent = { phone: maskPhone(phone), retryAfter: secondsOf(SMS_LIMITS.perNumber[0].withinMs) };
    return (await refusalOf(outcome)) ?? answer(200, sent);
  }

  /** A fresh proof as well: by the telephone the password can be set anew, so a browser left open must not be enough. */
  async #bind(session: Session, body: Body, request: HttpRequest): Promise<HttpAnswer> {
    const { accountId } = session;
    const { selfService, signIn, sms, tell } = this.#parts;
    if ((await selfService.phoneOf(accountId)) !== undefined) return refuse('phoneBound');
    const phone = canonicalizePhone(textOf(body, 'phone'));
    if (phone === undefined) return refuse('badPhone');
    const asked = await signIn.asksProof(request, session);
    if (asked !== undefined) return asked;
    const code = textOf(body, 'code', ACTIVATION_LIMITS.secretLength);
    const check = await sms.checkCode({ codeId: codeIdOf(accountId, false), phone, code });
    if (check !== 'right') return refuse(check === 'wrong' ? 'wrongCode' : 'codeExpired');
    const outcome = await selfService.bindPhone(accountId, phone);
    if (outcome !== 'done') return refuse(outcome === 'full' ? 'phoneFull' : 'phoneBound');
    this.#record(session, request, 'identity.phone', { how: 'bound', phone: maskPhone(phone) });
    tell(accountId, NOTICES.phoneBound).catch((error: unknown) => this.#noteUntold(accountId, error));
    return answer(200, await this.#phone(accountId));
  }

  async #unbind(session: Session, body: Body, request: HttpRequest): Promise<HttpAnswer> {
    const { accountId } = session;
    const { selfService, sms, tell } = this.#parts;
    const phone = await selfService.phoneOf(accountId);
    if (phone === undefined) return refuse('noPhone');
    const code = textOf(body, 'code', ACTIVATION_LIMITS.secretLength);
    const check = await sms.checkCode({ codeId: codeIdOf(accountId, true), phone, code });
    if (check !== 'right') return refuse(check === 'wrong' ? 'wrongCode' : 'codeExpired');
    await selfService.unbindPhone(accountId);
    this.#record(session, request, 'identity.phone', { how: 'unbound', phone: maskPhone(phone) });
    Promise.all([tell(accountId, NOTICES.phoneUnbound), sms.notify(phone, 'phoneChanged')]).catch((error: unknown) =>
      this.#noteUntold(accountId, error),
    );
    return answer(200, await this.#phone(accountId));
  }

  #record(
    { accountId, login }: Session,
    { remoteAddress }: HttpRequest,
    action: 'identity.alias' | 'identity.phone',
    detail: AuditDetail,
  ): void {
    const actor = { kind: 'account', accountId, name: login } as const;
    this.#parts.audit.record({ action, actor, accountId, remoteAddress, detail, subject: login, via: 'web' });
  }

  #noteUntold(accountId: AccountId, error: unknown): void {
    this.#parts.log.error({ err: error, accountId }, 'the owner could not be told of a change');
  }
}

/** Open also to whoever has to bind one first. */
function isOfPhone(path: string): boolean {
  return path.startsWith('/auth/phone');
}

function codeIdOf(accountId: AccountId, isBound: boolean): string {
  return `${isBound ? 'release' : 'bind'} ${accountId}`;
}
