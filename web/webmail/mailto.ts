/** Letters that links ask for (RFC 6068), which strangers wrote. Pure. */

/** What a link may set: never files, and no field but these. */
export interface AskedLetter {
  readonly to: readonly string[];
  readonly cc: readonly string[];
  readonly bcc: readonly string[];
  readonly subject: string;
  readonly text: string;
}

const RECIPIENTS = 100;
const SUBJECT_LENGTH = 200;
const TEXT_LENGTH = 10_000;
const ADDRESS = /^[\p{L}\p{N}_.!#$%&'*+/=?^`{|}~-]{1,64}@[\p{L}\p{N}.-]{1,253}$/u;

/** undefined: no such link, or not what an encoder writes. What is no address is left out. */
export function readMailto(url: string): AskedLetter | undefined {
  const [, path, query = ''] = /^\s*mailto:([^?]*)(?:\?(.*))?$/is.exec(url) ?? [];
  if (path === undefined) return undefined;
  const fields: { readonly name: string; readonly value: string }[] = [];
  for (const field of [`to=${path}`, ...query.split('&')]) {
    const [key = '', coded = ''] = field.split(/=(.*)/s);
    const [name, value] = [decode(key), decode(coded)];
    if (name === undefined || value === undefined) return undefined;
    fields.push({ name: name.toLowerCase(), value });
  }
  const first = (wanted: string) => fields.find(({ name }) => name === wanted)?.value ?? '';
  const people = (wanted: string) =>
    fields
      .flatMap(({ name, value }) => (name === wanted ? value.split(',') : []))
      .map((address) => address.trim())
      .filter((address) => ADDRESS.test(address))
      .slice(0, RECIPIENTS);
  return {
    to: people('to'),
    cc: people('cc'),
    bcc: people('bcc'),
    subject: withoutControls(first('subject')).slice(0, SUBJECT_LENGTH),
    text: first('body').slice(0, TEXT_LENGTH).split(/\r?\n/).map(withoutControls).join('\n'),
  };
}

/** undefined: not what an encoder writes. */
export function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** Without what turns the direction of text, either. */
export function withoutControls(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '');
}
