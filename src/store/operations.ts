/** The operations that stores run: the mailbox's and the directory's own, or a table of a test's. */
import { directoryOperations } from '#directory/operations.ts';
import type { DirectoryOperation } from '#directory/ports/directory-store.ts';
import { mailOperations } from '#mail/operations.ts';
import type { StoredOperation } from '#mail/ports/mail-store.ts';

export interface Operations {
  readonly mail: Readonly<Record<string, StoredOperation>>;
  readonly directory: Readonly<Record<string, DirectoryOperation>>;
}

/** Those of the module at `url` (which exports `mailOperations` and `directoryOperations`), or the real ones. */
export async function loadOperations(url: string | undefined): Promise<Operations> {
  if (url === undefined) return { mail: mailOperations, directory: directoryOperations };
  const module = (await import(url)) as {
    mailOperations: Operations['mail'];
    directoryOperations: Operations['directory'];
  };
  return { mail: module.mailOperations, directory: module.directoryOperations };
}
