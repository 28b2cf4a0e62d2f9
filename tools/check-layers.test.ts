/** Plants every kind of violation in a folder of its own and expects the real linter to name each, and no more. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { checkLayers } from './check-layers.ts';

const MANIFEST = {
  type: 'module',
  imports: { '#contract/*': './contract/*', '#test/*': './test/*', '#*': './src/*' },
  dependencies: { pino: '*', postgres: '*' },
  devDependencies: { 'fast-check': '*' },
};

/** Put together here, so that this file hides nothing itself. */
const HIDE_NEXT = ['oxlint', 'disable', 'next', 'line'].join('-');
const HIDE_ALL = ['eslint', 'disable'].join('-');

/** Each line that must be reported ends in `// ! rule`, with several rules separated by blanks. */
const TREE: Readonly<Record<string, string>> = {
  'src/base/ids.ts': `
    export type Id = string;
    export const stamp = () => [Date.now(), new Date(), performance.now(), Math.random()];`,
  'src/mail/account.ts': `
    import type { Id } from '#base/ids.ts';
    import { session } from '#imap/session.ts'; // ! floors
    import type { Row } from '#imap/session.ts'; // ! floors
    export { session as again } from '#imap/session.ts'; // ! floors
    import { step } from './operations/step.ts';
    import { step as other } from '#mail/operations/step.ts'; // ! spelling
    import { DatabaseSync } from 'node:sqlite'; // ! confined
    import postgres from 'postgres'; // ! confined
    import fc from 'fast-check'; // ! packages
    import leftPad from 'left-pad'; // ! packages
    import fs from 'fs'; // ! packages
    export const all: [Id, Row] | unknown = [session, step, other, DatabaseSync, postgres, fc, leftPad, fs];`,
  'src/mail/operations/step.ts': `
    import type { Id } from '../../base/ids.ts'; // ! spelling
    import { connect } from 'node:net'; // ! confined
    import { isIP, BlockList } from 'node:net';
    import { isIPv4, type Socket } from 'node:net'; // ! confined
    import { readFile } from 'node:fs/promises'; // ! confined
    export const step: Id | Socket | unknown = [connect, isIP, BlockList, isIPv4, readFile];`,
  'src/mail/clocks.ts': `
    import { randomUUID, createHash } from 'node:crypto'; // ! confined
    import * as secret from 'node:crypto';
    import { env } from 'node:process'; // ! confined
    export const a = Date.now(); // ! confined
    export const b = new Date(); // ! confined
    export const c = new Date(0);
    export const d = Math.random(); // ! confined
    export const e = globalThis.performance?.now(); // ! confined
    export const f = secret.randomBytes(4); // ! confined
    export const g = process['env'].HOME; // ! confined
    const { env: other } = process; // ! confined
    export const h = crypto.getRandomValues(new Uint8Array(1)); // ! confined
    export const i = [randomUUID, createHash, env, other, Date.UTC(2019, 8, 16)];
    export const j = Date(); // ! confined`,
  'src/imap/session.ts': `
    import { step } from '#mail/operations/step.ts'; // ! doors
    import type { Port } from '#mail/ports/mail-store.ts'; // ! doors
    type Row2 = import('#delivery/pipeline.ts').Pipeline; // ! floors
    export const late = () => import('#delivery/pipeline.ts'); // ! floors
    export const named = (name: string) => import(name); // ! spelling
    export const worker = () => new URL('../store/sqlite/writer.ts', import.meta.url); // ! floors
    export const session: Port | Row2 | unknown = step;
    export type Row = string;`,
  'src/mail/ports/mail-store.ts': `
    export interface Port { readonly name: string }`,
  'src/store/sqlite/writer.ts': `
    import { DatabaseSync } from 'node:sqlite';
    import type { Port } from '#mail/ports/mail-store.ts';
    export const writer: Port | unknown = DatabaseSync;`,
  'src/delivery/pipeline.ts': `
    import { one } from './first.ts';
    export type Pipeline = typeof one;`,
  'src/delivery/first.ts': `
    import { two } from './second.ts'; // ! no-cycle
    export const one = (): number => two();`,
  'src/delivery/second.ts': `
    import { one } from './first.ts'; // ! no-cycle
    export const two = (): number => one();`,
  'src/delivery/all.ts': `
    export { one } from './first.ts'; // ! no-barrels
    export { two } from './second.ts';`,
  'src/delivery/hidden.ts': `
    // ${HIDE_NEXT} campusmail/floors -- no reason is good enough // ! no-hiding
    import { session } from '#imap/session.ts';
    // ${HIDE_NEXT} no-var // ! no-hiding
    export var old = session;
    // ${HIDE_NEXT} no-var -- the reason
    export var older = old;
    /* ${HIDE_ALL} */ // ! no-hiding`,
  'src/delivery/first.test.ts': `
    import { session } from '#imap/session.ts';
    import { harness } from '#test/harness/harness.ts';
    import { readFileSync } from 'node:fs';
    import { step } from '#mail/operations/step.ts'; // ! doors
    import fc from 'fast-check';
    export const used = [session, harness, readFileSync, step, fc];`,
  'src/mail/node_modules/others/lib/deep/file.ts': `
    export * from '../file.ts';`,
  'src/newcomer/thing.ts': `
    import type { Id } from '#base/ids.ts'; // ! floors
    export const id: Id = '';`,
  'test/harness/harness.ts': `
    import { writer } from '#store/sqlite/writer.ts';
    import { step } from '#mail/operations/step.ts';
    export const harness = [writer, step, Date.now(), process.env];`,
  'contract/jmap/ids.ts': `
    import type { Id } from '#base/ids.ts'; // ! floors
    export const id: Id = '';`,
};

test('every planted violation is named with file, line and rule, and nothing else is', async (context) => {
  const root = mkdtempSync(join(tmpdir(), 'campusmail-layers-'));
  context.after(() => rmSync(root, { recursive: true }));
  const expected: string[] = [];
  for (const [file, text] of Object.entries({ 'package.json': JSON.stringify(MANIFEST), ...TREE })) {
    mkdirSync(join(root, dirname(file)), { recursive: true });
    writeFileSync(join(root, file), text);
    for (const [index, line] of text.split('\n').entries()) {
      for (const rule of line.split('// ! ')[1]?.split(' ') ?? []) expected.push(`${file}:${index + 1} ${rule}`);
    }
  }
  const findings = await checkLayers(root);
  const found = findings.map(({ file, line, rule }) => `${file}:${line} ${/\((.*)\)/.exec(rule)?.[1] ?? rule}`);
  assert.deepEqual(found.toSorted(), expected.toSorted());
  for (const { why } of findings) assert.match(why, /\w+ .*\w/);
});

test('this repository keeps to the table', async () => {
  const findings = await checkLayers(join(import.meta.dirname, '..'));
  assert.equal(findings.map(({ file, line, rule, why }) => `${file}:${line} ${rule} ${why}`).join('\n'), '');
});
