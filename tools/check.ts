/**
 * `npm run check`: format, lint, types, layers, the web's build and tests, one line each with its seconds, and afterwards the whole
 * output of what failed. What only reads the source runs side by side; the tests run last, alone.
 */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';

interface Step {
  readonly name: string;
  readonly script: string;
}

interface Outcome extends Step {
  readonly passed: boolean;
  readonly seconds: number;
  readonly output: string;
}

const READING: readonly Step[] = [
  { name: 'format', script: 'format:check' },
  { name: 'lint', script: 'lint' },
  { name: 'types', script: 'types' },
  { name: 'layers', script: 'layers' },
  { name: 'web', script: 'build:web' },
];
const TESTS: Step = { name: 'tests', script: 'test' };

async function runStep(step: Step): Promise<Outcome> {
  const started = performance.now();
  const child = spawn('npm', ['run', '--silent', step.script], { stdio: ['ignore', 'pipe', 'pipe'] });
  const exited = new Promise<number>((resolve) => child.on('close', (code) => resolve(code ?? 1)));
  const [output, errors, code] = await Promise.all([text(child.stdout), text(child.stderr), exited]);
  const seconds = (performance.now() - started) / 1000;
  console.log(`${code === 0 ? 'ok    ' : 'FAILED'}  ${step.name.padEnd(7)} ${seconds.toFixed(1).padStart(6)} s`);
  return { ...step, passed: code === 0, seconds, output: output + errors };
}

const outcomes = await Promise.all(READING.map(runStep));
outcomes.push(await runStep(TESTS));

const failed = outcomes.filter((outcome) => !outcome.passed);
for (const { name, output } of failed) console.log(`\n--- ${name} ---\n${output.trimEnd()}`);
console.log(failed.length === 0 ? '\nall good' : `\nfailed: ${failed.map(({ name }) => name).join(', ')}`);
process.exitCode = failed.length === 0 ? 0 : 1;
