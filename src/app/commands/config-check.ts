/** `campusmail config check`: reads the settings and shows what is in effect. */
import { SETTINGS, variableName, type Config, type HostPort, type Setting, type SettingKey } from '#app/config.ts';
import { EXIT, type FreeCommand } from '#app/command.ts';
import { hasOption } from './arguments/options.ts';

export const configCheck: FreeCommand = {
  name: 'config check',
  usage: '[--json]',
  about: 'Read the settings and show those in effect.',
  details: `
Exit code 78 when they are wrong. Settings that are not the default are marked.
Passwords and secrets are not shown.

  --json  answer in JSON`,
  options: { json: { type: 'boolean' } },
  positionals: [0, 0],
  needs: 'config',
  run(config, args, io) {
    const keys = Object.keys(SETTINGS) as SettingKey[];
    const shown = keys.map((key) => ({ key, value: showValue(key, readSetting(config, key)) }));
    if (hasOption(args, 'json')) {
      io.out(`${JSON.stringify(Object.fromEntries(shown.map(({ key, value }) => [key, value])), null, 2)}\n`);
      return Promise.resolve(EXIT.ok);
    }
    let section = '';
    for (const { key, value } of shown) {
      const at = key.lastIndexOf('.');
      const name = key.slice(at + 1);
      if (at !== -1 && key.slice(0, at) !== section) {
        section = key.slice(0, at);
        io.out(`\n[${section}]\n`);
      }
      const isDefault = JSON.stringify(value) === JSON.stringify(SETTINGS[key].default);
      io.out(`${name} = ${JSON.stringify(value)}${isDefault ? '' : `  # not the default; ${variableName(key)}`}\n`);
    }
    return Promise.resolve(EXIT.ok);
  },
};

/** The value that `limits.message_bytes` has in `config.limits.messageBytes`. */
export function readSetting(config: Config, key: SettingKey): unknown {
  let value: unknown = config;
  for (const word of key.split('.')) {
    const name = word.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
    value = (value as Record<string, unknown>)[name];
  }
  return value;
}

function showValue(key: SettingKey, value: unknown): unknown {
  const setting: Setting = SETTINGS[key];
  if (setting.kind === 'addresses') return (value as readonly HostPort[]).map(formatHostPort);
  if (setting.isSecret === true && value !== '') return HIDDEN;
  return typeof value === 'string' ? maskPassword(value) : hideSecrets(value);
}

const HIDDEN = '***';

/** What is read into parts names what others must not see: `user=… password=…` of a route, the secret of a portal. */
function hideSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(hideSecrets);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [
      name,
      /^(password|secret)$/.test(name) && part !== undefined ? HIDDEN : hideSecrets(part),
    ]),
  );
}

function formatHostPort({ host, port }: HostPort): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** `postgres://user:…@host`: the password replaced, however it is written. */
export function maskPassword(url: string): string {
  return url.replace(/^([a-z]+:\/\/[^/@:]*):.*@/, '$1:***@').replace(/([?&]password=)[^&]*/g, '$1***');
}
