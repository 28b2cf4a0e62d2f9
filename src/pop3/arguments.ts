/** Reads what stands behind a verb: message numbers and counts (RFC 1939 §3, §5). */

/** A message number as written; undefined for anything that is none. */
export function parseNumber(text: string): number | undefined {
  return /^\d{1,10}$/.test(text) ? Number(text) : undefined;
}

/** The words of an argument. */
export function splitWords(argument: string): string[] {
  return argument.split(/[ \t]+/).filter((word) => word !== '');
}
