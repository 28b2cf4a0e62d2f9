/** What a command that is refused says, for assert.rejects. */
import assert from 'node:assert/strict';
import { CommandFailure } from '#app/command.ts';

export function failsWith(exitCode: number, pattern: RegExp) {
  return (error: unknown): boolean => {
    assert.ok(error instanceof CommandFailure, String(error));
    assert.match(error.message, pattern);
    assert.equal(error.exitCode, exitCode);
    return true;
  };
}
