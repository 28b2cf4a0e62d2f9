/** Brings a database's tables to this version, one transaction for all that is missing; the caller holds it. */
import { MailError } from '#base/errors.ts';
import { type Migration, columnTypes, migrations } from './schema.ts';
import type { SqlSession } from './session.ts';

/** Writes a row as it is: all that a transaction needs of the disk, and nothing changes. */
export const TOUCH_DATABASE = 'UPDATE schema_migration SET applied_at = applied_at WHERE version = 1';

/** Applies what is missing. Throws `unavailable` when the data was written by a newer version of this program. */
export async function migrate(
  session: SqlSession,
  nowMs: number,
  list: readonly Migration[] = migrations,
): Promise<readonly number[]> {
  const types = columnTypes(session.dialect.name);
  await session.run(
    `CREATE TABLE IF NOT EXISTS schema_migration (
       version ${types.integer} PRIMARY KEY, name TEXT NOT NULL, applied_at ${types.integer} NOT NULL
     )`,
    [],
  );
  const row = await session.get<[number | null]>('SELECT max(version) FROM schema_migration', []);
  const current = row?.[0] ?? 0;
  const newest = list.at(-1)?.version ?? 0;
  if (current > newest) {
    throw new MailError(
      'unavailable',
      `The store was written by a newer version (schema ${current}, this program knows ${newest})`,
      { data: { found: current, known: newest } },
    );
  }
  const applied: number[] = [];
  for (const migration of list) {
    if (migration.version <= current) continue;
    for (const statement of migration.statements(types)) await session.run(statement, []);
    await session.run('INSERT INTO schema_migration (version, name, applied_at) VALUES (?, ?, ?)', [
      migration.version,
      migration.name,
      nowMs,
    ]);
    applied.push(migration.version);
  }
  return applied;
}
