/**
 * The one class of expected failure. Engines map `code` to their protocol once, by an exhaustive switch;
 * anything that is not a MailError is a bug: logged with its stack, answered as a temporary fault.
 */
export type MailErrorCode =
  | 'notFound'
  | 'alreadyExists'
  | 'forbidden'
  | 'overQuota'
  | 'tooLarge'
  | 'limit'
  | 'inUse'
  | 'unavailable'
  | 'invalid'
  | 'stateMismatch'
  | 'expunged';

export class MailError extends Error {
  readonly code: MailErrorCode;
  /** Facts a caller may show or act on; must survive structured clone (it crosses threads). */
  readonly data: Readonly<Record<string, string | number | boolean>>;

  constructor(
    code: MailErrorCode,
    message: string,
    options: { cause?: unknown; data?: Record<string, string | number | boolean> } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'MailError';
    this.code = code;
    this.data = options.data ?? {};
  }
}

/** A MailError as plain data, for crossing a thread. */
export interface MailErrorData {
  readonly code: MailErrorCode;
  readonly message: string;
  readonly data: Readonly<Record<string, string | number | boolean>>;
}

export function isMailError(error: unknown, code?: MailErrorCode): error is MailError {
  return error instanceof MailError && (code === undefined || error.code === code);
}

/** The text of anything thrown, for logs and fault replies. */
export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
