import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { generate } from 'selfsigned';
import { eventually, openCampus } from '#test/harness/campus.ts';
import { fetchCertificate } from '#test/harness/programs.ts';

test('a certificate replaced while serving is shown to new connections after SIGHUP; a broken one changes nothing', async () => {
  await using campus = await openCampus();
  const { ports } = campus.server;
  const file = (name: string): string => join(campus.dataDir, 'tls', name);
  const names = ['imaps', 'pop3s'] as const;
  const shown = (): Promise<string[]> => Promise.all(names.map((name) => fetchCertificate(ports[name] as number)));
  const [before] = await shown();
  const pid = Number(await readFile(join(campus.dataDir, 'lock.pid'), 'utf8'));

  const pair = await generate([{ name: 'commonName', value: 'renewed.kust.example' }], { keyType: 'ec' });
  await writeFile(file('self-signed.key'), pair.private);
  await writeFile(file('self-signed.crt'), pair.cert);
  process.kill(pid, 'SIGHUP');
  const after = await eventually('the new certificate', async () => {
    const certificates = await shown();
    return certificates.every((certificate) => certificate !== before) ? certificates : undefined;
  });
  for (const certificate of after) assert.match(new X509Certificate(certificate).subject, /renewed\.kust\.example/);

  await writeFile(file('self-signed.crt'), 'half a certif');
  process.kill(pid, 'SIGHUP');
  await eventually('a complaint', () => campus.server.log().includes('ertificate'));
  assert.deepEqual(await shown(), after);
});
