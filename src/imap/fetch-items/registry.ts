/** The data items FETCH knows. */
import { binary, binaryPeek, binarySize } from './binary.ts';
import { body, bodyPeek, rfc822, rfc822Header, rfc822Text } from './body.ts';
import { bodyStructure } from './body-structure.ts';
import { envelope } from './envelope.ts';
import type { FetchItemDefinition } from './fetch-item.ts';
import { flags } from './flags.ts';
import { internalDate } from './internal-date.ts';
import { modSeq } from './mod-seq.ts';
import { emailId, threadId } from './object-ids.ts';
import { size } from './size.ts';
import { uid } from './uid.ts';

const items: readonly FetchItemDefinition[] = [
  uid,
  flags,
  internalDate,
  size,
  envelope,
  body,
  bodyPeek,
  bodyStructure,
  rfc822,
  rfc822Header,
  rfc822Text,
  binary,
  binaryPeek,
  binarySize,
  modSeq,
  emailId,
  threadId,
];

const byName: ReadonlyMap<string, FetchItemDefinition> = new Map(items.map((item) => [item.name, item]));

/** RFC 9051 §6.4.5. */
const MACROS: ReadonlyMap<string, readonly string[]> = new Map([
  ['FAST', ['FLAGS', 'INTERNALDATE', 'RFC822.SIZE']],
  ['ALL', ['FLAGS', 'INTERNALDATE', 'RFC822.SIZE', 'ENVELOPE']],
  ['FULL', ['FLAGS', 'INTERNALDATE', 'RFC822.SIZE', 'ENVELOPE', 'BODY']],
]);

export function findFetchItem(name: string): FetchItemDefinition | undefined {
  return byName.get(name);
}

/** The items a macro stands for. */
export function findFetchMacro(name: string): readonly string[] | undefined {
  return MACROS.get(name);
}

export const fetchItemCapabilities: readonly string[] = items.flatMap(({ capability }) => capability ?? []);
