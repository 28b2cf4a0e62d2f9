import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import test from 'node:test';
import { commands } from './command-registry.ts';
import { formatCommandsDocument, formatSettingsDocument, formatSettingsTable } from './config-docs.ts';
import { SETTINGS } from './config.ts';

/** `UPDATE_DOCS=1 node --test src/app/config-docs.test.ts` writes them anew. */
function compare(name: string, text: string): void {
  const path = new URL(`../../docs/operations/${name}`, import.meta.url);
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(path, text);
  assert.equal(readFileSync(path, 'utf8'), text, `docs/operations/${name} is not up to date: UPDATE_DOCS=1 npm test`);
}

test('docs/operations/settings.md says what the settings are', () => {
  for (const key of Object.keys(SETTINGS)) assert.ok(formatSettingsTable().includes(`| \`${key}\` |`), key);
  compare('settings.md', formatSettingsDocument());
});

test('docs/operations/commands.md says what the commands are', () => {
  compare('commands.md', formatCommandsDocument(commands));
});
