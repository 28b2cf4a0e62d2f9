/** Who sits at the command line. */
import { userInfo } from 'node:os';

/** The system's user that runs this process. */
export function readOperator(): string {
  try {
    return userInfo().username;
  } catch {
    // In a container a number may have no name.
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}
