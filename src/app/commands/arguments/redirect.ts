/** A command that runs another and reads what it says. */
import type { CommandIo } from '#app/command.ts';

/** `io` with its standard output going to `out`. */
export function redirectOutput(io: CommandIo, out: (text: string) => void): CommandIo {
  return {
    cwd: io.cwd,
    out,
    err: (text) => io.err(text),
    progress: (text) => io.progress(text),
    readInput: () => io.readInput(),
    signal: io.signal,
  };
}
