/** Claiming an account, coming back into one, alias and telephone, as the server's routes understand them. Failures are values. */
import {
  CONSENT_VERSION,
  STEP_ERRORS,
  type ActivationStanding,
  type CodeSent,
  type OwnAlias,
  type OwnPhone,
  type RecoveryStanding,
  type School,
  type StepRefusal,
} from '#contract/activation.ts';

export type Refused = Omit<StepRefusal, 'error'> & { readonly error: StepRefusal['error'] | 'offline' };

async function ask<Answer>(path: string, body?: object): Promise<Answer | Refused> {
  let answer: Response;
  try {
    answer = await fetch(
      path,
      body === undefined
        ? {}
        : { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) },
    );
  } catch {
    return { error: 'offline' };
  }
  let said: Record<string, unknown> = {};
  try {
    if (answer.status !== 204) said = (await answer.json()) as Record<string, unknown>;
  } catch {
    // Not ours: a proxy's page.
    return { error: 'unavailable' };
  }
  if (answer.ok) return said as Answer;
  const error = STEP_ERRORS.find((one) => one === said['error']) ?? 'unavailable';
  return { ...(said as unknown as StepRefusal), error };
}

export function isRefused(answer: object): answer is Refused {
  return 'error' in answer;
}

export interface FirstStep {
  readonly school: string;
  readonly number: string;
  readonly name: string;
  readonly password: string;
  readonly captcha: string;
}

export const activation = {
  schools: () => ask<{ readonly schools: readonly School[] }>('/activation/schools'),
  walk: () => ask<ActivationStanding>('/activation/walk'),
  begin: (given: FirstStep) => ask<ActivationStanding>('/activation/begin', { ...given, consent: CONSENT_VERSION }),
  sendCode: (phone: string) => ask<CodeSent>('/activation/code', { phone }),
  takePhone: (phone: string, code: string) => ask<ActivationStanding>('/activation/phone', { phone, code }),
  judgeAlias: (alias: string) => ask<object>('/activation/alias', { alias }),
  finish: (alias: string, password: string) => ask<object>('/activation/finish', { alias, password }),
};

export const recovery = {
  walk: () => ask<RecoveryStanding>('/recovery/walk'),
  begin: (login: string, captcha: string) => ask<RecoveryStanding>('/recovery/begin', { login, captcha }),
  sendCode: () => ask<CodeSent>('/recovery/code', {}),
  prove: (code: string) => ask<RecoveryStanding>('/recovery/phone', { code }),
  finish: (password: string) => ask<object>('/recovery/finish', { password }),
};

export const ownAccount = {
  alias: () => ask<OwnAlias>('/auth/alias'),
  judgeAlias: (alias: string) => ask<object>('/auth/alias/check', { alias }),
  chooseAlias: (alias: string) => ask<OwnAlias>('/auth/alias', { alias }),
  phone: () => ask<OwnPhone>('/auth/phone'),
  sendCode: (phone: string) => ask<CodeSent>('/auth/phone/code', { phone }),
  bind: (phone: string, code: string) => ask<OwnPhone>('/auth/phone', { phone, code }),
  unbind: (code: string) => ask<OwnPhone>('/auth/phone/unbind', { code }),
};
