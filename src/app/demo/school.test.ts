import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { demoConfig } from '#app/commands/demo.ts';
import { readConfig } from '#app/config.ts';
import { DEMO_SETTINGS, demoSchool } from './school.ts';

const PAGE = join(import.meta.dirname, '../../../docs/operations/school.md');

test('docs/operations/school.md shows the settings of the demonstration campus (UPDATE_DOCS=1 writes it)', () => {
  const page = readFileSync(PAGE, 'utf8');
  const wanted = page.replace(/```toml\n[\s\S]*?```/, () => `\`\`\`toml\n${DEMO_SETTINGS}\`\`\``);
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(PAGE, wanted);
  else assert.equal(page, wanted);
});

test('the demonstration campus is the notice’s: staff with the old domain, students who activate, the old system', () => {
  const { realms, domainPlans } = demoSchool();
  assert.deepEqual(
    realms.map(({ name, domains, needsActivation }) => [name, domains, needsActivation]),
    [
      ['staff', ['ylut.example', 'ylit.example'], false],
      ['student', ['stu.ylut.example'], true],
      ['oldmail', ['oldmail.ylut.example'], false],
    ],
  );
  assert.deepEqual(
    domainPlans.sunsets.map(({ domain, successor }) => [domain, successor]),
    [['ylit.example', 'ylut.example']],
  );
});

test('the demonstration runs by all of it, unless there is a school of one’s own', () => {
  const { auth, ...school } = demoSchool();
  const { site, realms, domainPlans, oauthClients, ...demo } = demoConfig(readConfig('', '', {}));
  assert.equal(site.name, school.site.name);
  assert.deepEqual([realms, domainPlans, oauthClients], [school.realms, school.domainPlans, school.oauthClients]);
  assert.equal(demo.auth.defaultDomain, auth.defaultDomain);
  assert.equal(oauthClients.length, 1);
  assert.deepEqual([demo.roster.idle, demo.roster.idle.length], [school.roster.idle, 3]);
  const own = demoConfig(readConfig('[site]\nname = "别的大学"', '', {}));
  assert.deepEqual([own.site.name, own.realms, own.roster.idle], ['别的大学', [], []]);
});
