/**
 * The webmail's screens over made-up mail in a real browser: a server of the sample build with the headers the product sends, and a
 * Chromium. For tests; nothing of it ships.
 */
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import chromium from '@sparticuz/chromium';
import { chromium as playwright, type Browser, type Page } from 'playwright-core';
import { mailFrameRoute } from '#app/mail-frame.ts';
import type { HttpRequest } from '#http/types.ts';
import { buildWeb } from '#web/build.ts';

const CSP = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "connect-src 'self'",
  "font-src 'self'",
  "frame-src 'self' blob:",
  "manifest-src 'self'",
  "worker-src 'self'",
  "frame-ancestors 'none'",
].join('; ');

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};

/** What a request that is no file is answered with. */
export type Api = (
  request: IncomingMessage,
  body: string,
) => { readonly status: number; readonly json: unknown } | undefined;

export interface WebPages extends AsyncDisposable {
  readonly origin: string;
  /** Requests that left the page for elsewhere than here: there must be none. */
  readonly strays: readonly string[];
  /** A fresh browser context's page, as wide as `width`. What the page complains about (CSP among it) is collected in `complaints`. */
  open(options: PageOptions): Promise<{ readonly page: Page; readonly complaints: readonly string[] }>;
}

export interface PageOptions {
  readonly path: string;
  readonly width?: number;
  readonly theme?: 'light' | 'dark';
  readonly language?: string;
}

const SIGNED_IN = { status: 200, json: { accountId: 'a', login: 'chenjy@example.edu.cn', name: '陈静宜' } };

/** Everybody is signed in. */
export const signedIn: Api = ({ url }) => (url === '/auth/session' ? SIGNED_IN : undefined);

/** The Chromium of the packages, or the one of the machine where that does not run; `switches`: beside those it needs. */
export async function launchBrowser(switches: readonly string[] = []): Promise<Browser> {
  return playwright.launch({
    // An installed browser where the packaged one does not run.
    executablePath: process.env['CHROMIUM'] ?? (await chromium.executablePath()),
    args: chromium.args
      .filter((arg) => !arg.startsWith('--headless') && arg !== '--single-process' && arg !== '--no-zygote')
      .concat(switches),
    headless: true,
  });
}

export async function startWebPages(api: Api): Promise<WebPages> {
  const folder = await buildWeb({ mode: 'sample', always: false });
  const server = createServer((request, response) => void respond(folder, api, request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const browser = await launchBrowser();
  const strays: string[] = [];
  return {
    origin,
    strays,
    async open({ path, width = 1440, theme = 'light', language = 'zh-CN' }) {
      const context = await browser.newContext({
        viewport: { width, height: width < 600 ? 844 : 900 },
        colorScheme: theme,
        locale: language,
        timezoneId: 'Asia/Shanghai',
        hasTouch: width < 600,
        isMobile: width < 600,
        reducedMotion: 'reduce',
      });
      await context.route(
        (url) => url.origin !== origin && /^https?:$/.test(url.protocol),
        (route) => {
          strays.push(route.request().url());
          return route.abort();
        },
      );
      const page = await context.newPage();
      const complaints: string[] = [];
      page.on('pageerror', (error) => complaints.push(String(error)));
      page.on('console', (message) => {
        if (message.type() === 'error' || /content security/i.test(message.text())) complaints.push(message.text());
      });
      await page.goto(`${origin}${path}`);
      return { page, complaints };
    },
    async [Symbol.asyncDispose]() {
      await browser.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function respond(folder: string, api: Api, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://here');
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  if (url.pathname === mailFrameRoute.path) {
    const answer = await mailFrameRoute.respond({ query: url.searchParams } as HttpRequest);
    response.writeHead(answer.status, { ...answer.headers, 'content-type': answer.contentType });
    response.end(answer.body);
    return;
  }
  const answer = api(request, Buffer.concat(chunks).toString());
  if (answer !== undefined) {
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(JSON.stringify(answer.json));
    return;
  }
  const file = extname(url.pathname) === '' ? '/index.html' : url.pathname;
  try {
    const isCompressed = /\.(?:js|css)$/.test(file);
    const octets = await readFile(join(folder, file) + (isCompressed ? '.br' : '')).catch(() =>
      readFile(join(folder, file)),
    );
    const plain = await readFile(join(folder, file));
    response.writeHead(200, {
      'content-type': TYPES[extname(file)] ?? 'application/octet-stream',
      'content-security-policy': CSP,
      'content-length': octets.length,
      ...(octets.length !== plain.length && { 'content-encoding': 'br' }),
    });
    response.end(octets);
  } catch {
    response.writeHead(404).end();
  }
}
