/** Failures as outcomes, which are plain data, and outcomes back into what was thrown. */
import { MailError, errorText, isMailError } from '#base/errors.ts';
import type { OperationOutcome } from '#mail/ports/mail-store.ts';

/** The outcome of an operation that threw. Whatever is not a MailError is a fault, which the caller has to log. */
export function failure(error: unknown): Extract<OperationOutcome, { ok: false }> {
  return isMailError(error)
    ? { ok: false, error: { code: error.code, message: error.message, data: error.data } }
    : { ok: false, error: { code: 'fault', message: errorText(error) } };
}

/** What a failure was before it became data: a MailError, or an Error for a fault. */
export function thrownBy(error: Extract<OperationOutcome, { ok: false }>['error']): Error {
  return error.code === 'fault'
    ? new Error(error.message)
    : new MailError(error.code, error.message, { data: error.data });
}

/** The value, or the failure thrown again. */
export function valueOf(outcome: OperationOutcome): unknown {
  if (outcome.ok) return outcome.value;
  throw thrownBy(outcome.error);
}
