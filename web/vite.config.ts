/**
 * How web/ becomes dist/web: hashed files under assets/, nothing inline (the pages run under a CSP that forbids it), and
 * beside each text a .br and a .gz, so that the server compresses nothing while people wait.
 */
import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, gzip } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

/** Below this many octets a compressed copy saves no packet. */
const WORTH_COMPRESSING_BYTES = 1024;

const TEXTS = /\.(js|css|html|svg|json|webmanifest)$/;

function precompress(): Plugin {
  let folder = '';
  return {
    name: 'campusmail:precompress',
    apply: 'build',
    configResolved(config) {
      folder = resolve(config.root, config.build.outDir);
    },
    async closeBundle() {
      const names = await readdir(folder, { recursive: true, encoding: 'utf8' });
      await Promise.all(names.filter((name) => TEXTS.test(name)).map((name) => compress(join(folder, name))));
    },
  };
}

async function compress(path: string): Promise<void> {
  const octets = await readFile(path);
  if (octets.length < WORTH_COMPRESSING_BYTES) return;
  const [brotli, gzipped] = await Promise.all([
    promisify(brotliCompress)(octets),
    promisify(gzip)(octets, { level: 9 }),
  ]);
  await Promise.all([writeFile(`${path}.br`, brotli), writeFile(`${path}.gz`, gzipped)]);
}

/** Whichever style sheet is loaded first, and the bundler decides that, the order of the layers is said before any of them. */
function orderLayers(): Plugin {
  return {
    name: 'campusmail:order-layers',
    enforce: 'pre',
    transform: (code, id) => (id.endsWith('.css') ? `@layer base, ui, app;\n${code}` : undefined),
  };
}

/** Tells the service worker what the shell is made of: everything that was built, but for itself. */
function listShell(): Plugin {
  return {
    name: 'campusmail:list-shell',
    apply: 'build',
    // Last: before, some are in it that are taken out again.
    enforce: 'post',
    async generateBundle(_, bundle) {
      const worker = bundle['sw.js'];
      if (worker?.type !== 'chunk') return;
      const built = Object.keys(bundle).filter((name) => name !== 'sw.js' && name !== 'index.html');
      const shell = [...built, ...(await readdir(join(import.meta.dirname, 'public')))]
        .map((name) => `/${name}`)
        .toSorted();
      // The page has the names of what it is made of in it, and so changes with them.
      const page = bundle['index.html'];
      const version = createHash('sha256')
        .update(JSON.stringify([shell, page?.type === 'asset' && page.source]))
        .digest('hex')
        .slice(0, 12);
      worker.code = worker.code
        .replace('__SHELL_VERSION__', JSON.stringify(version))
        .replace('__SHELL__', JSON.stringify(shell));
    },
  };
}

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  plugins: [react(), orderLayers(), listShell(), precompress()],
  // Browsers that people at a university really have: Chromium as the Chinese ones ship it, Firefox ESR, iOS 16.
  css: {
    transformer: 'lightningcss',
    lightningcss: { targets: { chrome: 111 << 16, firefox: 115 << 16, safari: (16 << 16) | (4 << 8) } },
  },
  build: {
    outDir: '../dist/web',
    emptyOutDir: true,
    target: ['chrome111', 'firefox115', 'safari16.4'],
    // A data: URL in a style sheet would be an image that `img-src` must allow; a file is cached as well.
    assetsInlineLimit: 0,
    // The browsers above all preload modules by themselves.
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // Compressing takes longer than building: no news.
    rolldownOptions: {
      checks: { pluginTimings: false },
      input: {
        index: fileURLToPath(new URL('index.html', import.meta.url)),
        sw: fileURLToPath(new URL('webmail/service-worker.ts', import.meta.url)),
      },
      output: {
        // Where it lies decides what it serves, and its name is the same for ever.
        entryFileNames: ({ name }) => (name === 'sw' ? 'sw.js' : 'assets/[name]-[hash].js'),
      },
    },
  },
  // `npm run dev:web`: the pages come from Vite, everything else from a server that runs (`npm start`).
  server: {
    proxy: Object.fromEntries(
      ['/auth', '/site', '/jmap', '/.well-known', '/mail-frame', '/campusmail.mobileconfig'].map((path) => [
        path,
        { target: 'http://127.0.0.1:8080' },
      ]),
    ),
  },
});
