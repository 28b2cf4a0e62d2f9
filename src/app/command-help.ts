/** The help texts, made from the command registry. */
import type { Command } from './command.ts';

export function formatHelp(commands: readonly Command[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  const lines = commands.map(({ name, about }) => `  ${name.padEnd(width)}  ${about}`);
  return [
    'campusmail (校园邮): a complete e-mail system for a university',
    '',
    'usage: campusmail COMMAND [ARGUMENTS] [--config FILE]',
    '',
    ...lines,
    '',
    'campusmail help COMMAND tells more. Without --config, settings come from CAMPUSMAIL_… variables.',
    '',
  ].join('\n');
}

export function formatCommandHelp(command: Command): string {
  const lines = [`usage: campusmail ${command.name} ${command.usage}`.trimEnd(), '', command.about];
  if (command.details !== undefined) lines.push('', command.details.replace(/^\n/, '').trimEnd());
  lines.push('', 'options:', '  -c, --config FILE  settings file (TOML)', '  -h, --help         this help', '');
  return lines.join('\n');
}
