import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { DEMO_SETTINGS, demoSchool } from './school.ts';

const PAGE = join(import.meta.dirname, '../../../docs/operations/school.md');

test('docs/operations/school.md shows the settings of the demonstration campus (UPDATE_DOCS=1 writes it)', () => {
  const page = readFileSync(PAGE, 'utf8');
  const wanted = page.replace(/```toml\n[\s\S]*?```/, () => `\`\`\`toml\n${DEMO_SETTINGS}\`\`\``);
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(PAGE, wanted);
  else assert.equal(page, wanted);
});

test('the demonstration campus is the notice’s: staff with the old domain, students who activate', () => {
  const { realms, domainPlans } = demoSchool();
  assert.deepEqual(
    realms.map(({ name, domains, needsActivation }) => [name, domains, needsActivation]),
    [
      ['staff', ['ylut.example', 'ylit.example'], false],
      ['student', ['stu.ylut.example'], true],
    ],
  );
  assert.deepEqual(
    domainPlans.sunsets.map(({ domain, successor }) => [domain, successor]),
    [['ylit.example', 'ylut.example']],
  );
});
