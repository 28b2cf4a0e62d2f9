import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import test from 'node:test';
import { findCommand, readArguments } from './command-line.ts';
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

test('commands that the help desk is told to type are there, with these options', () => {
  const text = readFileSync(new URL('../../docs/operations/help-desk.md', import.meta.url), 'utf8');
  const typed = Array.from(
    text.matchAll(/^(?:\$ )?campusmail (?<words>[^#>\n]*)/gm),
    ({ groups }) => groups?.['words'] ?? '',
  );
  assert.ok(typed.length > 30);
  for (const line of typed) {
    const words = Array.from(line.matchAll(/"([^"]*)"|\S+/g), ([word, quoted]) => quoted ?? word);
    const command = findCommand(words);
    readArguments(command, words.slice(command.name.split(' ').length));
  }
});
