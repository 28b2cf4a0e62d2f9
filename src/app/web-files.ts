/** The build of the web pages, as the web listener reads it. There need not be one. */
import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { StaticFiles } from '#http/static-files.ts';

/** Beside `src/`, where `npm run build:web` puts it. */
export const WEB_FOLDER = join(import.meta.dirname, '../../dist/web');

/** Undefined: there is no build. What is added later is found at the next start. */
export function openWebFiles(folder = WEB_FOLDER): StaticFiles | undefined {
  let paths: string[];
  try {
    const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
    paths = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const names = new Set(paths.map((path) => path.slice(folder.length + 1).replaceAll(sep, '/')));
  if (!names.has('index.html')) return undefined;
  return {
    names,
    read: (name) =>
      readFile(join(folder, name)).catch((error: unknown) => {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw error;
      }),
  };
}
