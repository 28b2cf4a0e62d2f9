/** What a server of ours wrote down about who sent a message: its Authentication-Results (RFC 8601), read. Pure. */

export interface ResultOfMethod {
  readonly name: string;
  readonly result: string;
  /** By `ptype.property`; both lower case. */
  readonly properties: ReadonlyMap<string, string>;
}

/** UTF-16 units; no field of ours is longer. */
const FIELD_LENGTH = 16_000;

/**
 * `fields` in the order of the message, so the topmost first: only one under our name is believed, and the last hand that
 * wrote there was ours. undefined: nobody of ours looked.
 */
export function readResults(fields: readonly string[], authservId: string): readonly ResultOfMethod[] | undefined {
  return fields
    .map((field) => statementsOf(field))
    .find(([id]) => id?.split(/\s/, 1)[0]?.toLowerCase() === authservId.toLowerCase())
    ?.slice(1)
    .map(readMethod);
}

/** A field's parts between semicolons, without comments; quoted strings without their quotes, and what they hold separates nothing. */
function statementsOf(field: string): readonly string[] {
  const statements: string[] = [];
  let current = '';
  let depth = 0;
  let isQuoted = false;
  const text = field.slice(0, FIELD_LENGTH);
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at);
    if (character === '\\' && (isQuoted || depth > 0)) {
      at++;
      if (depth === 0) current += text.charAt(at);
    } else if (depth === 0 && character === '"') isQuoted = !isQuoted;
    // A blank in a quoted string would end its value.
    else if (isQuoted) current += /\s/.test(character) ? '_' : character;
    else if (character === '(') depth++;
    else if (character === ')') depth = Math.max(0, depth - 1);
    else if (depth > 0) continue;
    else if (character === ';') {
      statements.push(current.trim());
      current = '';
    } else current += character;
  }
  statements.push(current.trim());
  return statements;
}

/** `dkim=pass header.d=example.edu header.s=k1`. */
function readMethod(statement: string): ResultOfMethod {
  const [first = '', ...rest] = statement.split(/\s+/);
  const [name, result] = splitAtEquals(first);
  return {
    // RFC 8601 §2.2: a version may follow the name.
    name: name.replace(/\/.*$/, ''),
    result,
    properties: new Map(rest.map(splitAtEquals)),
  };
}

function splitAtEquals(text: string): readonly [string, string] {
  const at = text.indexOf('=');
  return at === -1 ? [text.toLowerCase(), ''] : [text.slice(0, at).toLowerCase(), text.slice(at + 1).toLowerCase()];
}
