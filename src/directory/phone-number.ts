/**
 * Numbers of telephones: one spelling, shown to people in part, kept sealed (domain.md §5.4). Mainland mobile numbers alone:
 * vendors send codes to others only by separate contract.
 */
import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto';
import type { Random } from '#base/random.ts';

const IV_OCTETS = 12;
const TAG_OCTETS = 16;
/** UTF-16 units of what is typed: blanks and hyphens included. */
const MAX_INPUT_LENGTH = 40;

/** E.164 (`+8613800001234`) of a number however typed: full-width, with +86, 0086 or 86 before it, in groups. Undefined: none. */
export function canonicalizePhone(text: string): string | undefined {
  if (text.length > MAX_INPUT_LENGTH) return undefined;
  const digits = text.normalize('NFKC').replaceAll(/[\s()-]/g, '');
  const national = /^(?:(?:\+|00)?86)?(1[3-9]\d{9})$/.exec(digits)?.[1];
  return national === undefined ? undefined : `+86${national}`;
}

/** `138****1234`. */
export function maskPhone(phone: string): string {
  return phone.replace(/^\+86(\d{3})\d{4}(\d{4})$/, '$1****$2');
}

/** Seals and finds numbers by two keys that stand in no database. */
export class PhoneVault {
  readonly #sealKey: Buffer;
  readonly #indexKey: Buffer;

  /** `key`: 32 secret octets, the same in every thread and after a restart. */
  constructor(key: Uint8Array) {
    const derive = (purpose: string): Buffer => createHmac('sha256', key).update(purpose).digest();
    this.#sealKey = derive('seal');
    this.#indexKey = derive('index');
  }

  /** AES-256-GCM, base64url. `context`: where it is kept; it opens nowhere else. */
  seal(phone: string, context: string, random: Random): string {
    const iv = random.bytes(IV_OCTETS);
    const cipher = createCipheriv('aes-256-gcm', this.#sealKey, iv).setAAD(Buffer.from(context));
    const sealed = Buffer.concat([cipher.update(phone), cipher.final()]);
    return Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64url');
  }

  /** Throws for what was not sealed so: the key is another one, or somebody changed the row. */
  open(sealed: string, context: string): string {
    const octets = Buffer.from(sealed, 'base64url');
    const [iv, tag] = [octets.subarray(0, IV_OCTETS), octets.subarray(IV_OCTETS, IV_OCTETS + TAG_OCTETS)];
    const decipher = createDecipheriv('aes-256-gcm', this.#sealKey, iv, { authTagLength: TAG_OCTETS });
    decipher.setAAD(Buffer.from(context)).setAuthTag(tag);
    return decipher.update(octets.subarray(IV_OCTETS + TAG_OCTETS), undefined, 'utf8') + decipher.final('utf8');
  }

  /** The same for the same number, and nothing to anybody without the key. */
  indexOf(phone: string): string {
    return createHmac('sha256', this.#indexKey).update(phone).digest('base64url');
  }

  /** What is shown in place of a number that does not exist: for the same name always the same. */
  decoyFor(name: string): string {
    const digest = createHmac('sha256', this.#indexKey).update(`decoy\0${name}`).digest();
    const range = DECOY_RANGES[digest.readUInt8(0) % DECOY_RANGES.length] as string;
    return `+86${range}${String(digest.readUInt32BE(1) % 10 ** 8).padStart(8, '0')}`;
  }
}

/** Ranges of the three carriers, the common ones oftener. */
const DECOY_RANGES =
  '138 139 136 137 150 151 158 159 182 183 187 188 130 131 132 155 156 186 133 153 177 180 181 189'.split(' ');
