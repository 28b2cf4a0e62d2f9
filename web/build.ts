/**
 * `npm run build:web`, and before `npm start` and `npm test`: builds web/ into dist/web when that is missing or older than what
 * it is made of. Two that build at the same time do no harm: each builds beside, and the whole folder is put in place at once.
 */
import { existsSync, globSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');

/** Everything that the build reads. */
const SOURCES = ['web/**/*', 'contract/**/*.ts', 'package-lock.json'];

export interface WebBuild {
  /** `sample`: over made-up mail, for tests of the screens. */
  readonly mode: 'production' | 'sample';
  /** Even when nothing changed. */
  readonly always: boolean;
}

/** Builds what has to be built. Resolves to the folder with the result, which is whole and of the present sources. */
export async function buildWeb({ mode, always }: WebBuild): Promise<string> {
  const built = join(ROOT, 'dist', mode === 'sample' ? 'web-sample' : 'web');
  if (!always && isUpToDate(built)) return built;
  const { build } = await import('vite');
  const fresh = `${built}.${process.pid}`;
  const old = `${fresh}.old`;
  try {
    await build({
      configFile: join(ROOT, 'web/vite.config.ts'),
      configLoader: 'native',
      mode,
      logLevel: 'warn',
      build: { outDir: fresh },
    });
    mkdirSync(join(ROOT, 'dist'), { recursive: true });
    if (existsSync(built)) renameSync(built, old);
    renameSync(fresh, built);
  } finally {
    for (const folder of [fresh, old]) rmSync(folder, { recursive: true, force: true });
  }
  return built;
}

function isUpToDate(built: string): boolean {
  const page = join(built, 'index.html');
  if (!existsSync(page)) return false;
  const builtMs = statSync(page).mtimeMs;
  return globSync(SOURCES, { cwd: ROOT }).every((path) => statSync(join(ROOT, path)).mtimeMs <= builtMs);
}

if (import.meta.main) {
  const started = performance.now();
  await buildWeb({ mode: 'production', always: process.argv.includes('--always') });
  console.log(`web: up to date after ${((performance.now() - started) / 1000).toFixed(1)} s`);
}
