/**
 * What the runners of `.transcript` files share: cases, what a client sends, and the words that lines have in common.
 * Which marks there are, and what they do, is each engine's.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

export interface TranscriptCase {
  readonly title: string;
  readonly lines: readonly { readonly number: number; readonly text: string }[];
}

/** The cases of a file, each under its `=== title`; empty lines and those that begin with `#` are left out. */
export function readCases(path: string): TranscriptCase[] {
  const cases: { title: string; lines: { number: number; text: string }[] }[] = [];
  for (const [index, line] of readFileSync(path, 'utf8').split('\n').entries()) {
    if (line === '' || line.startsWith('#')) continue;
    if (line.startsWith('=== ')) cases.push({ title: line.slice(4), lines: [] });
    else cases.at(-1)?.lines.push({ number: index + 1, text: line });
  }
  return cases;
}

/** `C: line`, sent with CRLF, or `C= "raw\n"`: JSON, sent as it is, as latin1. */
export function readSent(text: string): Buffer {
  if (text.startsWith('C= ')) return Buffer.from(JSON.parse(text.slice(3)) as string, 'latin1');
  return Buffer.from(`${text.slice(3)}\r\n`);
}

const NAME = /\$([a-z][A-Za-z]*)/g;

/** The words of one case: `$name` matches any word at first, then the same one wherever the name comes again. */
export class Words {
  readonly #known = new Map<string, string>();
  readonly #patternOf: (name: string) => string;

  /** `patternOf`: the source of a regular expression without groups, for what a name may stand for. */
  constructor(patternOf: (name: string) => string = () => String.raw`\S+`) {
    this.#patternOf = patternOf;
  }

  /** `text` with the words that are known. */
  fill(text: string): string {
    return text.replace(NAME, (whole, name: string) => this.#known.get(name) ?? whole);
  }

  /** Fails unless `actual` (undefined: the server has closed) is what is `expected`; learns its new words. */
  assertLine(actual: string | undefined, expected: string, where: string): void {
    const names: string[] = [];
    const pattern = expected.replace(/[.*+?^{}()|[\]\\]/g, String.raw`\$&`).replace(NAME, (_, name: string) => {
      const known = this.#known.get(name);
      if (known !== undefined) return known.replace(/[.*+?^{}()|[\]\\$]/g, String.raw`\$&`);
      names.push(name);
      return `(${this.#patternOf(name)})`;
    });
    const match = new RegExp(`^${pattern}$`, 'u').exec(actual ?? '(closed)');
    if (match === null) assert.equal(actual ?? '(closed)', expected, where);
    for (const [index, name] of names.entries()) this.#known.set(name, match?.[index + 1] ?? '');
  }
}
