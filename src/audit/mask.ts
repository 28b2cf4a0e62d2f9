/** Takes out of a text what must not be kept, in case a caller forgot. */
import { MAX_VALUE_CHARS, MAX_VALUES } from './limits.ts';
import type { AuditDetail } from './types.ts';

/** 18 characters, the last a check character; with the letters and digits around it, it is something else. */
const DOCUMENT_NUMBER = /(?<![0-9A-Za-z])[1-9]\d{16}[\dXx](?![0-9A-Za-z])/g;
const MOBILE_NUMBER = /(?<![0-9A-Za-z])(?:(?:\+|00)?86[- ]?)?(1[3-9]\d)\d{4}(\d{4})(?![0-9A-Za-z])/g;

/** Document numbers go, mobile numbers become `138****1234`, and what is long is cut. */
export function maskText(text: string): string {
  return text
    .slice(0, MAX_VALUE_CHARS)
    .replaceAll(DOCUMENT_NUMBER, '[document number]')
    .replaceAll(MOBILE_NUMBER, '$1****$2');
}

export function maskDetail(detail: AuditDetail): AuditDetail {
  return Object.fromEntries(
    Object.entries(detail)
      .slice(0, MAX_VALUES)
      .map(([name, value]) => [name, typeof value === 'string' ? maskText(value) : value]),
  );
}
