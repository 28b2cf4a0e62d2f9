/** What another server's flags are here (RFC 9051 §2.3.2). */
import { toKeywords } from '#mail/keywords.ts';

export interface ForeignFlags {
  readonly keywords: readonly string[];
  /** IMAP \Deleted. */
  readonly deleted: boolean;
}

/** Those that can be keywords; \Recent, which is a session's, and whatever nobody knows is left out. */
export function readForeignFlags(flags: readonly string[]): ForeignFlags {
  const names = flags.map((flag) => flag.toLowerCase());
  const system = ['seen', 'answered', 'flagged', 'draft'].filter((name) => names.includes(`\\${name}`));
  return {
    keywords: toKeywords([...system.map((name) => `$${name}`), ...flags.filter((flag) => !flag.startsWith('\\'))]),
    deleted: names.includes('\\deleted'),
  };
}
