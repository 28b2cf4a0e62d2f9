/** Which of an account's credentials a password is checked against. */
import type { CredentialRow } from './types.ts';

/** The password its owner has set; before that, the one that was given out. */
export function findProof(credentials: readonly CredentialRow[]): CredentialRow | undefined {
  return credentials.find(({ kind }) => kind === 'password') ?? credentials.find(({ kind }) => kind === 'initial');
}
