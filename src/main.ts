/** Hands over to the command line. */
import { readStream } from './app/control.ts';
import { readOperator } from './app/operator.ts';
import { runCommandLine } from './app/command-line.ts';

// What this process makes is nobody else's to read.
process.umask(0o077);

// `campusmail account list | head`: whoever reads has seen enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

const aborter = new AbortController();
const isWatched = process.stderr.isTTY;
let progressLength = 0;

process.exitCode = await runCommandLine(process.argv.slice(2), {
  cwd: process.cwd(),
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  progress(text) {
    if (!isWatched) return;
    process.stderr.write(`\r${text.padEnd(progressLength)}${text === '' ? '\r' : ''}`);
    progressLength = text.length;
  },
  readInput: () => readStream(process.stdin),
  operator: readOperator(),
  signal: aborter.signal,
});
