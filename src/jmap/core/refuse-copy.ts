/** What `/copy` answers where nobody has a second account (RFC 8620 §5.4). */
import type { Id } from '#contract/jmap/values.ts';
import { MethodError } from './errors.ts';

/** Throws `invalidArguments`, `fromAccountNotFound`. */
export function refuseCopy({
  accountId,
  fromAccountId,
}: {
  readonly accountId: Id;
  readonly fromAccountId: Id;
}): never {
  // RFC 8620 §5.4: the accounts MUST be different ones.
  if (fromAccountId === accountId) throw new MethodError('invalidArguments', '/fromAccountId: the same account');
  throw new MethodError('fromAccountNotFound');
}
