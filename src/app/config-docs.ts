/** docs/operations/settings.md and commands.md, made from what the program itself knows, so that they stay true. */
import { formatCommandHelp } from './command-help.ts';
import type { Command } from './command.ts';
import { SETTINGS, variableName, type Setting, type SettingKey } from './config.ts';

const KINDS = {
  text: 'text',
  texts: 'list of texts',
  integer: 'whole number',
  boolean: 'true or false',
  addresses: 'list of "host:port"',
  choice: 'one of',
  tables: 'tables',
  instant: 'day or instant',
} as const;

/** A Markdown table of every setting. */
export function formatSettingsTable(): string {
  const rows = (Object.keys(SETTINGS) as SettingKey[]).map(
    (key) => `${formatSetting(key, SETTINGS[key])} \`${variableName(key)}\` |`,
  );
  return ['| key | kind | default | what it is | variable |', '|---|---|---|---|---|', ...rows, ''].join('\n');
}

/** For each setting that is a list of tables, a Markdown table of what one of them has. */
export function formatTableSettings(): string {
  const sections = (Object.entries(SETTINGS) as [string, Setting][]).flatMap(([key, { about, fields }]) => {
    if (fields === undefined) return [];
    const rows = Object.entries(fields).map(([name, field]) => formatSetting(name, field));
    const table = ['| key | kind | default | what it is |', '|---|---|---|---|', ...rows, ''].join('\n');
    return [`## [[${key}]]\n\n${about}\n\n${table}`];
  });
  return sections.join('\n');
}

function formatSetting(key: string, setting: Setting): string {
  const kind = [KINDS[setting.kind], setting.choices?.join(', ')].filter((text) => text !== undefined).join(' ');
  return `| \`${key}\` | ${kind} | \`${JSON.stringify(setting.default)}\` | ${setting.about.replaceAll('|', '\\|')} |`;
}

export function formatSettingsDocument(): string {
  return `# Settings

The settings file is TOML, and is named by \`--config FILE\`. A key \`section.name\` stands as \`name\` below \`[section]\`. Each
key has a variable of the environment that overrides it; a list is written there with commas, as in
\`CAMPUSMAIL_LISTEN_IMAPS=0.0.0.0:993,[::]:993\`. Without \`--config\` the variables alone count.

An unknown key is an error that names the nearest known one. \`campusmail config check --config FILE\` shows what is in
effect. A host left out (\`":993"\`) means every address; port 0 means any free one.

Tables, \`[[realm]]\` each, may stand in the file several times; in a variable they are a list of objects in JSON.

${formatSettingsTable()}
${formatTableSettings()}
This page is made from \`src/app/config.ts\`; \`src/app/config-docs.test.ts\` keeps it so.
`;
}

export function formatCommandsDocument(commands: readonly Command[]): string {
  const sections = commands.map(
    (command) => `## ${command.name}\n\n\`\`\`\n${formatCommandHelp(command).trimEnd()}\n\`\`\`\n`,
  );
  return `# Commands

Commands work whether or not the server runs: where it does, they run inside it, by \`data_dir/control.sock\`, which only the
server's user can open. Run them as that user, with the server's settings:

\`\`\`
sudo -u campusmail campusmail account list --config /etc/campusmail/campusmail.toml
\`\`\`

Exit codes: 0 done; 1 failed, or done in part (what failed is named); 2 the command line is wrong; 69 the store or the server
is not available now, try again later; 78 the settings are wrong. With \`--json\` the answer on standard output is made of JSON
objects, one a line where there are several.

${sections.join('\n')}
This page is made from the commands themselves; \`src/app/config-docs.test.ts\` keeps it so.
`;
}
