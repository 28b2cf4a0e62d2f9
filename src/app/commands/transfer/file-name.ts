/** Mailbox levels as names of files that every usual file system takes, and that two mailboxes never share. */

// What Windows and network shares refuse, the path separator, our own escape sign, and bidi controls that hide the rest.
const UNSAFE = /[\u0000-\u001f\u007f-\u009f<>:"/\\|?*%\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;
const RESERVED = /^(?:con|prn|aux|nul|com\d|lpt\d)(?=\.|$)/i;
const NAME_BYTES = 200;

/** `%` and two digits for each octet of what a name may not have. Not reversible where it had to be cut. */
export function safeFileName(level: string): string {
  let name = level.replace(UNSAFE, escape);
  name = name
    .replace(/^\./, escape)
    .replace(/[. ]$/, escape)
    .replace(RESERVED, (word) => escape(word.slice(0, 1)) + word.slice(1));
  const characters = Array.from(name);
  let bytes = Buffer.byteLength(name);
  while (bytes > NAME_BYTES) bytes -= Buffer.byteLength(characters.pop() as string);
  return characters.join('') || '_';
}

function escape(text: string): string {
  return Array.from(Buffer.from(text), (octet) => `%${octet.toString(16).toUpperCase().padStart(2, '0')}`).join('');
}

/** Gives out each name once, also on file systems that take `a` and `A` for the same. */
export class DistinctNames {
  readonly #taken = new Set<string>();

  claim(name: string): string {
    for (let i = 1; ; i++) {
      const candidate = i === 1 ? name : `${name} (${i})`;
      const key = candidate.normalize('NFC').toLowerCase();
      if (this.#taken.has(key)) continue;
      this.#taken.add(key);
      return candidate;
    }
  }
}
