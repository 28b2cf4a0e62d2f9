/**
 * How web/ becomes dist/web: hashed files under assets/, nothing inline (the pages run under a CSP that forbids it), and
 * beside each text a .br and a .gz, so that the server compresses nothing while people wait.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
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
    closeBundle() {
      for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
        if (!TEXTS.test(name)) continue;
        const path = join(folder, name);
        const octets = readFileSync(path);
        if (octets.length < WORTH_COMPRESSING_BYTES) continue;
        const params = { [constants.BROTLI_PARAM_SIZE_HINT]: octets.length };
        writeFileSync(`${path}.br`, brotliCompressSync(octets, { params }));
        writeFileSync(`${path}.gz`, gzipSync(octets, { level: 9 }));
      }
    },
  };
}

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  plugins: [react(), precompress()],
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
  },
  // `npm run dev:web`: the pages come from Vite, everything else from a server that runs (`npm start`).
  server: {
    proxy: Object.fromEntries(
      ['/auth', '/jmap', '/.well-known', '/mail-frame'].map((path) => [path, { target: 'http://127.0.0.1:8080' }]),
    ),
  },
});
