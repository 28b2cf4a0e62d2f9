/** The GS2 header that opens a client's first message in SCRAM and OAUTHBEARER (RFC 5801 §4, RFC 5802 §7). Pure. */
import { MAX_IDENTITY_OCTETS } from './limits.ts';

export interface Gs2Header {
  /**
   * `none`: the client has no channel binding. `notOffered`: it has, and believes that we have none. Otherwise the name
   * of the one it wants.
   */
  readonly binding: 'none' | 'notOffered' | { readonly name: string };
  /** Empty when the client names none. */
  readonly authzid: string;
  /** Of the header in `text`, with its second comma. */
  readonly length: number;
}

/** Reads the header at the beginning of `text`; undefined if there is none. */
export function parseGs2Header(text: string): Gs2Header | undefined {
  const flagEnd = text.indexOf(',');
  const headerEnd = text.indexOf(',', flagEnd + 1);
  if (flagEnd === -1 || headerEnd === -1) return undefined;
  const binding = parseFlag(text.slice(0, flagEnd));
  const authzidPart = text.slice(flagEnd + 1, headerEnd);
  const authzid = authzidPart === '' ? '' : parseSaslName(authzidPart, 'a=');
  if (binding === undefined || authzid === undefined) return undefined;
  return { binding, authzid, length: headerEnd + 1 };
}

function parseFlag(flag: string): Gs2Header['binding'] | undefined {
  if (flag === 'n') return 'none';
  if (flag === 'y') return 'notOffered';
  const name = /^p=([A-Za-z0-9.-]{1,64})$/.exec(flag)?.[1];
  return name === undefined ? undefined : { name };
}

/** RFC 5802 §5.1 saslname after its prefix: `=2C` is a comma, `=3D` an equals sign, and no other `=` may stand. */
export function parseSaslName(part: string, prefix: 'a=' | 'n='): string | undefined {
  if (!part.startsWith(prefix)) return undefined;
  const name = part.slice(2);
  if (Buffer.byteLength(name) > MAX_IDENTITY_OCTETS || /=(?!2C|3D)/.test(name)) return undefined;
  return name.replaceAll('=2C', ',').replaceAll('=3D', '=');
}
