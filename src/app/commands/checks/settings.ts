/** Settings that are right in form but seldom meant. */
import { LISTENERS, type Config } from '#app/config.ts';
import { ok, warn, type Finding } from './finding.ts';

export function checkSettings(config: Config): Finding[] {
  const findings: Finding[] = [];
  if (LISTENERS.every((name) => config.listen[name].length === 0)) {
    findings.push(warn('settings', 'no listener is set', 'Set listen.smtp, listen.imaps … in the settings file'));
  }
  if (!config.hostname.includes('.')) {
    findings.push(
      warn(
        'settings',
        `hostname is "${config.hostname}"`,
        'Set it to the name that the MX record has: other servers look it up',
      ),
    );
  }
  if (config.auth.plaintextOnLoopback) {
    findings.push(
      warn('settings', 'auth.plaintext_on_loopback is on', 'Good for tests; turn it off where users sign in'),
    );
  }
  return findings.length > 0 ? findings : [ok('settings', `hostname ${config.hostname}`)];
}
