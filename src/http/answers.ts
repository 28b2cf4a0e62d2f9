/** Answers as routes give them again and again. */
import { STATUS_CODES } from 'node:http';
import type { HttpAnswer } from './types.ts';

export function plainAnswer(status: number, body: string, headers: HttpAnswer['headers'] = {}): HttpAnswer {
  return { status, contentType: 'text/plain; charset=utf-8', body, headers };
}

export function jsonAnswer(status: number, body: unknown, headers: HttpAnswer['headers'] = {}): HttpAnswer {
  return { status, contentType: 'application/json', body: JSON.stringify(body), headers };
}

/** The status in its standard words. */
export function statusAnswer(status: number, headers?: HttpAnswer['headers']): HttpAnswer {
  return plainAnswer(status, `${(STATUS_CODES[status] ?? 'refused').toLowerCase()}\n`, headers);
}
