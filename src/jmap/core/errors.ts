/** How JMAP fails: a request as a whole (RFC 8620 §3.6.1), one method call (§3.6.2), one object of a set (§5.3). */
import { MailError, type MailErrorCode } from '#base/errors.ts';
import type { MethodErrorType, RequestProblem, SetError } from '#contract/jmap/core.ts';

/** The request is not processed at all; told as problem details (RFC 7807). */
export class RequestError extends Error {
  readonly type: RequestProblem;
  readonly status: number;
  /** Which limit it was, by its name in the session object. */
  readonly limit: string | undefined;

  constructor(
    type: RequestProblem,
    detail: string,
    options: { readonly status?: number; readonly limit?: string } = {},
  ) {
    super(detail);
    this.type = type;
    this.status = options.status ?? 400;
    this.limit = options.limit;
  }
}

/** The method call failed, and changed nothing. `facts` stand beside the type in the answer. */
export class MethodError extends Error {
  readonly type: MethodErrorType;
  readonly facts: Readonly<Record<string, unknown>>;

  constructor(type: MethodErrorType, description?: string, facts: Readonly<Record<string, unknown>> = {}) {
    super(description ?? type);
    this.type = type;
    this.facts = description === undefined ? facts : { description, ...facts };
  }
}

export function isMethodError(error: unknown, type: MethodErrorType): error is MethodError {
  return error instanceof MethodError && error.type === type;
}

/** One object of a set could not be made or changed as asked. Thrown inside a set, told in its `not…` maps. */
export class ObjectError extends Error {
  readonly error: SetError;

  constructor(type: SetError['type'], description?: string, facts: Omit<SetError, 'type' | 'description'> = {}) {
    super(description ?? type);
    this.error = description === undefined ? { type, ...facts } : { type, description, ...facts };
  }
}

/** A method's call that met `error`. Undefined for what is a fault: logged where it is caught. */
export function toMethodError(error: unknown): MethodError | undefined {
  if (error instanceof MethodError) return error;
  if (!(error instanceof MailError)) return undefined;
  return new MethodError(METHOD_ERRORS[error.code], error.message);
}

const METHOD_ERRORS: Readonly<Record<MailErrorCode, MethodErrorType>> = {
  notFound: 'accountNotFound',
  alreadyExists: 'invalidArguments',
  forbidden: 'forbidden',
  overQuota: 'forbidden',
  tooLarge: 'requestTooLarge',
  limit: 'requestTooLarge',
  inUse: 'serverUnavailable',
  unavailable: 'serverUnavailable',
  invalid: 'invalidArguments',
  stateMismatch: 'stateMismatch',
  expunged: 'serverUnavailable',
};

/** What an object's own failure is called; undefined when it is not the object's but the call's. */
export function toSetError(error: unknown): SetError | undefined {
  if (error instanceof ObjectError) return error.error;
  if (!(error instanceof MailError)) return undefined;
  const type = SET_ERRORS[error.code];
  if (type === undefined) return undefined;
  const { property } = error.data;
  return { type, description: error.message, ...(typeof property === 'string' ? { properties: [property] } : {}) };
}

const SET_ERRORS: Readonly<Record<MailErrorCode, SetError['type'] | undefined>> = {
  notFound: 'notFound',
  alreadyExists: 'alreadyExists',
  forbidden: 'forbidden',
  overQuota: 'overQuota',
  tooLarge: 'tooLarge',
  limit: 'overQuota',
  inUse: 'forbidden',
  unavailable: undefined,
  invalid: 'invalidProperties',
  stateMismatch: undefined,
  expunged: 'notFound',
};
