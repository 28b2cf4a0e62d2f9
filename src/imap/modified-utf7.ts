/** Modified UTF-7 (RFC 3501 §5.1.3): how IMAP4rev1 writes mailbox names that are not ASCII. */

/** Any text; characters are kept, whatever they are. */
export function encodeModifiedUtf7(text: string): string {
  let encoded = '';
  let run = '';
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code >= 0x20 && code <= 0x7e) {
      if (run !== '') encoded += shift(run);
      run = '';
      encoded += code === 0x26 ? '&-' : text[i];
    } else {
      run += text[i];
    }
  }
  return run === '' ? encoded : encoded + shift(run);
}

function shift(run: string): string {
  const octets = Buffer.from(run, 'utf16le').swap16();
  return `&${octets.toString('base64').replace(/=+$/, '').replaceAll('/', ',')}-`;
}

/**
 * `undefined` unless `encoded` is exactly what encodeModifiedUtf7 writes for some text: RFC 3501 §5.1.3 forbids
 * superfluous shifts and encoded ASCII, so that one name has one spelling.
 */
export function decodeModifiedUtf7(encoded: string): string | undefined {
  if (!encoded.includes('&')) return /^[\x20-\x7e]*$/.test(encoded) ? encoded : undefined;
  let text = '';
  let at = 0;
  for (;;) {
    const start = encoded.indexOf('&', at);
    if (start === -1) break;
    const end = encoded.indexOf('-', start);
    if (end === -1) return undefined;
    text += encoded.slice(at, start);
    if (end === start + 1) {
      text += '&';
    } else {
      const octets = Buffer.from(encoded.slice(start + 1, end).replaceAll(',', '/'), 'base64');
      if (octets.length === 0 || octets.length % 2 !== 0) return undefined;
      text += octets.swap16().toString('utf16le');
    }
    at = end + 1;
  }
  text += encoded.slice(at);
  return text.isWellFormed() && encodeModifiedUtf7(text) === encoded ? text : undefined;
}
