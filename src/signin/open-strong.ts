/** Strong sign-in put together over a directory. */
import { Passkeys } from './passkeys.ts';
import { SecondStep, type SecondStepParts } from './second-step.ts';
import { StepPolicy, type StepPolicyParts } from './step-policy.ts';
import { StrongSignIn } from './strong-routes.ts';
import { Totp } from './totp.ts';

export function openStrongSignIn(
  parts: Omit<SecondStepParts, 'totp' | 'passkeys'> & Omit<StepPolicyParts, 'steps'> & { readonly siteName: string },
): StrongSignIn {
  const totp = new Totp({ ...parts, key: parts.directory.factorKey });
  const passkeys = new Passkeys(parts);
  const steps = new SecondStep({ ...parts, totp, passkeys });
  return new StrongSignIn({ ...parts, totp, passkeys, steps, policy: new StepPolicy({ ...parts, steps }) });
}
