/**
 * Setting up the first second step in the middle of a sign-in, where a realm lets nobody in without: after the password, before
 * there is a session. What is set up is shown at once, and then its owner is in.
 */
import type { Directory } from '#directory/directory.ts';
import { hasSecondStep, smsStepOf } from '#directory/second-steps.ts';
import type { AccountId } from '#directory/types.ts';
import type { HttpAnswer, HttpRequest, HttpRoute } from '#http/types.ts';
import { answer, readJson, refusal } from './answers.ts';
import type { Carried } from './carried.ts';
import { isForeign } from './cross-site.ts';
import { SIGNIN_LIMITS } from './limits.ts';
import { readNewPasskey, readNewTotp, type NewFactor } from './new-factor.ts';
import type { Challenge, Passkeys } from './passkeys.ts';
import { sentAnswer, wrongAnswer, type SecondStep, type SmsStep } from './second-step.ts';
import type { Totp } from './totp.ts';

/** Who is at it. */
interface Enrolling {
  readonly accountId: AccountId;
  readonly login: string;
}

export interface EnrolmentParts<Begun extends Enrolling> {
  readonly directory: Directory;
  readonly steps: SecondStep;
  readonly totp: Totp;
  readonly passkeys: Passkeys;
  readonly sms?: SmsStep;
  readonly siteName: string;
  /** A passkey that is being made. */
  readonly asked: Carried<Challenge>;
  /** Whoever has shown all else that is asked for in this browser, and has only this left. */
  readonly begun: (request: HttpRequest) => Promise<Begun | undefined>;
  /** It is set up: in. */
  readonly open: (request: HttpRequest, begun: Begun) => Promise<HttpAnswer>;
}

export function enrolmentRoutes<Begun extends Enrolling>(parts: EnrolmentParts<Begun>): readonly HttpRoute[] {
  const { directory, steps, totp, passkeys, sms, siteName, asked } = parts;
  const route = (path: string, respond: (request: HttpRequest, begun: Begun) => Promise<HttpAnswer>): HttpRoute => ({
    method: 'POST',
    path: `/auth/enrol/${path}`,
    async respond(request) {
      if (isForeign(request)) return refusal('crossSite');
      const begun = await parts.begun(request);
      // Its owner was sooner elsewhere: then that is what has to be shown.
      if (begun === undefined || hasSecondStep(await directory.factorsOf(begun.accountId)))
        return refusal('notSignedIn');
      return respond(request, begun);
    },
  });
  const enrol = async (request: HttpRequest, begun: Begun, factor: NewFactor): Promise<HttpAnswer> => {
    await directory.addFactor({ ...factor, accountId: begun.accountId, usedAt: null, usedFrom: '' });
    return parts.open(request, begun);
  };
  return [
    route('totp/begin', async (_, { accountId, login }) => answer(200, await totp.begin(accountId, siteName, login))),
    route('totp', async (request, begun) => {
      const made = await readNewTotp(request, totp, begun.accountId);
      return 'status' in made ? made : enrol(request, begun, made);
    }),
    route('passkeys/begin', async (request, { accountId, login }) => {
      const name = (await directory.account(accountId))?.displayName ?? '';
      const { options, challenge } = await passkeys.beginMaking(request, { accountId, login, name }, siteName, []);
      return answer(200, options, { 'set-cookie': asked.give(request, challenge) });
    }),
    route('passkeys', async (request, begun) => {
      const made = await readNewPasskey(request, passkeys, asked.read(request));
      return 'status' in made ? made : enrol(request, begun, made);
    }),
    route('sms/send', async (request, { accountId }) =>
      sms === undefined ? refusal('invalidRequest') : sentAnswer(await sms.sendCode(accountId, request.remoteAddress)),
    ),
    route('sms', async (request, begun) => {
      const { code } = await readJson(request, SIGNIN_LIMITS.requestBytes);
      if (typeof code !== 'string' || code.length > SIGNIN_LIMITS.codeLength) return refusal('invalidRequest');
      const proof = { kind: 'sms', code, isForced: true } as const;
      const outcome = await steps.check(begun.accountId, proof, request.remoteAddress);
      if (outcome !== 'right') return wrongAnswer(outcome);
      return enrol(request, begun, smsStepOf(begun.accountId));
    }),
  ];
}
