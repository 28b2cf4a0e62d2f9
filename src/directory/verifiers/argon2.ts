/** Argon2 (RFC 9106) as others have used it: `{ARGON2ID}$argon2id$…`, `{ARGON2I}`, and those of ours that come from another server. */
import { verify } from '@node-rs/argon2';
import { MailError } from '#base/errors.ts';
import type { ReadVerifier } from './foreign.ts';
import { MAX_ARGON2_KIB, MAX_ARGON2_KIB_PASSES } from './limits.ts';

export const readArgon2: ReadVerifier = (scheme, rest) => {
  if (!['', 'ARGON2', 'ARGON2I', 'ARGON2D', 'ARGON2ID'].includes(scheme) || !rest.startsWith('$argon2'))
    return undefined;
  const form =
    /^\$argon2(?:id|i|d)\$(?:v=\d{2}\$)?m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,2})\$[\w+/]{10,128}\$[\w+/]{16,128}$/;
  const match = form.exec(rest);
  if (match === null) throw new MailError('invalid', 'not the form of $argon2…$ verifiers');
  const [kib, passes] = [Number(match[1]), Number(match[2])];
  if (kib > MAX_ARGON2_KIB || kib * passes > MAX_ARGON2_KIB_PASSES)
    throw new MailError(
      'invalid',
      `argon2 may use ${MAX_ARGON2_KIB} KiB and ${MAX_ARGON2_KIB_PASSES} KiB times passes`,
    );
  return (password) => verify(rest, password);
};
