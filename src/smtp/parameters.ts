/** The parameters after a path in MAIL and RCPT (RFC 5321 §4.1.2, `KEY` or `KEY=value`). It knows none by name. */

export type ParametersResult =
  | { readonly ok: true; readonly parameters: ReadonlyMap<string, string | undefined> }
  | { readonly ok: false; readonly text: string };

const KEYWORD = /^[A-Za-z0-9][A-Za-z0-9-]{0,63}$/;
/** esmtp-value; RFC 6531 §3.3 lets it hold UTF-8. */
const VALUE = /^[^\x00-\x20=\x7f-\x9f]+$/u;

/** Keys in upper case. A key given twice, an empty value or a stray `=` is an error. */
export function parseParameters(text: string): ParametersResult {
  const parameters = new Map<string, string | undefined>();
  if (text !== '' && text[0] !== ' ') return { ok: false, text: 'Blank expected after the address' };
  for (const token of text.split(' ')) {
    if (token === '') continue;
    const equals = token.indexOf('=');
    const key = (equals === -1 ? token : token.slice(0, equals)).toUpperCase();
    const value = equals === -1 ? undefined : token.slice(equals + 1);
    if (!KEYWORD.test(key) || (value !== undefined && !VALUE.test(value))) return { ok: false, text: 'Bad parameter' };
    if (parameters.has(key)) return { ok: false, text: `Parameter ${key} given twice` };
    parameters.set(key, value);
  }
  return { ok: true, parameters };
}
