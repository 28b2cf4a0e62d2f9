import { signInLimitsContract } from '#test/contract/sign-in-limits.ts';
import { LocalSignInLimits } from './sign-in-limits.ts';

signInLimitsContract('one thread', async (parts) => new LocalSignInLimits(parts));
