/**
 * `npm run build:web`, and before `npm start` and `npm test`: builds web/ into dist/web when that is missing or older than what
 * it is made of. Two that build at the same time do no harm: each builds beside, and the whole folder is put in place at once.
 */
import { existsSync, globSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
const BUILT = join(ROOT, 'dist/web');

/** Everything that the build reads. */
const SOURCES = ['web/**/*', 'contract/**/*.ts', 'package-lock.json'];

function isUpToDate(): boolean {
  const page = join(BUILT, 'index.html');
  if (!existsSync(page)) return false;
  const builtMs = statSync(page).mtimeMs;
  return globSync(SOURCES, { cwd: ROOT }).every((path) => statSync(join(ROOT, path)).mtimeMs <= builtMs);
}

/** Builds dist/web; unless `always`, only when it has to. Resolves to whether it did. */
export async function buildWeb(always: boolean): Promise<boolean> {
  if (!always && isUpToDate()) return false;
  const { build } = await import('vite');
  const fresh = join(ROOT, `dist/web.${process.pid}`);
  try {
    await build({
      configFile: join(ROOT, 'web/vite.config.ts'),
      configLoader: 'native',
      logLevel: 'warn',
      build: { outDir: fresh },
    });
    mkdirSync(join(ROOT, 'dist'), { recursive: true });
    const old = `${fresh}.old`;
    if (existsSync(BUILT)) renameSync(BUILT, old);
    renameSync(fresh, BUILT);
    rmSync(old, { recursive: true, force: true });
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
  return true;
}

if (import.meta.main) {
  const started = performance.now();
  const built = await buildWeb(process.argv.includes('--always'));
  if (built) console.log(`web: built in ${((performance.now() - started) / 1000).toFixed(1)} s`);
}
