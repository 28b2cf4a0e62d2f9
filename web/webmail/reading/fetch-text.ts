/** Octets of a letter as text. */

/** What is shown of a file or of a letter's source, octets: enough to judge it by, and no more than a page can draw. */
export const SHOWN_BYTES = 512 * 1024;

/** Labels as the browser knows them, in the order in which they are likely here. */
export const ENCODINGS = [
  'gb18030',
  'utf-8',
  'big5',
  'shift_jis',
  'euc-jp',
  'euc-kr',
  'windows-1252',
  'iso-8859-1',
] as const;
export type Encoding = (typeof ENCODINGS)[number];

export interface FetchedText {
  readonly text: string;
  /** Whether there is more than is shown. */
  readonly isCut: boolean;
}

/** At most `SHOWN_BYTES`. Rejects when it cannot be had. */
export async function fetchText(url: string, encoding: Encoding = 'utf-8'): Promise<FetchedText> {
  const answer = await fetch(url, { headers: { range: `bytes=0-${SHOWN_BYTES - 1}` } });
  // 416: it is empty, so there is no such range.
  if (answer.status === 416) return { text: '', isCut: false };
  if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
  const octets = await answer.arrayBuffer();
  const total = Number(/\/(\d+)$/.exec(answer.headers.get('content-range') ?? '')?.[1] ?? octets.byteLength);
  return { text: new TextDecoder(encoding).decode(octets.slice(0, SHOWN_BYTES)), isCut: total > SHOWN_BYTES };
}

/** A letter's header fields, without its body. */
export function headerOf(source: string): string {
  const end = /\r?\n\r?\n/.exec(source)?.index;
  return end === undefined ? source : source.slice(0, end);
}
