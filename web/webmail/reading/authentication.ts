/** What our own server found out about who sent a letter, out of its Authentication-Results (RFC 8601). Pure. */

/** `unknown`: nobody looked, or could not; nothing is claimed of either then. */
export type Verdict = 'verified' | 'unverified' | 'unknown';

interface Method {
  readonly name: string;
  readonly result: string;
  /** By `ptype.property`, lower case. */
  readonly properties: ReadonlyMap<string, string>;
}

/** No field of ours is longer. */
const FIELD_LENGTH = 16_000;

/**
 * `fields` in the order of the letter, so the topmost first: only one under our name is believed, and the last hand that wrote there was
 * ours. `domain`: that of the letter's From.
 */
export function judgeSender(fields: readonly string[], authservId: string, domain: string): Verdict {
  const own = fields
    .map((field) => statementsOf(field))
    .find(([id]) => id?.split(/\s/, 1)[0]?.toLowerCase() === authservId.toLowerCase());
  if (own === undefined) return 'unknown';
  const methods = own.slice(1).map(readMethod);
  const all = (name: string) => methods.filter((method) => method.name === name);
  const dmarc = all('dmarc')[0];
  if (dmarc?.result === 'fail') return 'unverified';
  if (dmarc?.result === 'pass') {
    // RFC 8601 §2.7.6: of which domain it speaks.
    const from = dmarc.properties.get('header.from');
    return from === undefined || from === domain.toLowerCase() ? 'verified' : 'unverified';
  }
  // A domain without a policy: what signed or sent must at least be the same.
  const isAligned = (other: string | undefined) =>
    other !== undefined && isSameOrganisation(other, domain.toLowerCase());
  const isVouched =
    all('dkim').some(({ result, properties }) => result === 'pass' && isAligned(properties.get('header.d'))) ||
    all('spf').some(
      ({ result, properties }) => result === 'pass' && isAligned(domainIn(properties.get('smtp.mailfrom'))),
    );
  if (isVouched) return 'verified';
  return methods.some(({ result }) => result === 'temperror') ? 'unknown' : 'unverified';
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
function readMethod(statement: string): Method {
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

/** Of an address, or of what is a domain alone. */
function domainIn(text: string | undefined): string | undefined {
  return text?.slice(text.lastIndexOf('@') + 1);
}

function isSameOrganisation(one: string, other: string): boolean {
  return one === other || one.endsWith(`.${other}`) || other.endsWith(`.${one}`);
}
