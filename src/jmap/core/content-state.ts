import { createHash } from 'node:crypto';

/** A state (RFC 8620 §5.1) for objects so few that there is no log of them: another exactly when they say something else. */
export function contentState(content: object): string {
  return createHash('sha256').update(JSON.stringify(content)).digest('base64url').slice(0, 16);
}
