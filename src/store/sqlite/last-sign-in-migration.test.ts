import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { columnTypes, migrations } from '#store/sql/schema.ts';

test('the last sign-ins are taken from the records that there are', () => {
  const database = new DatabaseSync(':memory:');
  const statementsOf = (wanted: (version: number) => boolean): readonly string[] =>
    migrations.filter(({ version }) => wanted(version)).flatMap((one) => one.statements(columnTypes('sqlite')));
  for (const statement of statementsOf((version) => version < 35)) database.exec(statement);
  const insert = database.prepare("INSERT INTO sign_in_record VALUES (?, ?, ?, 'imap', '::1', '', '', ?)");
  insert.run(7, 100, 'a', 'ok');
  insert.run(7, 200, 'b', 'ok');
  insert.run(7, 300, 'c', 'invalidCredentials');
  insert.run(8, 50, 'a', 'invalidCredentials');
  insert.run(9, 60, 'a', 'ok');
  for (const statement of statementsOf((version) => version === 35)) database.exec(statement);
  const rows = database.prepare('SELECT account_id, at FROM last_sign_in ORDER BY account_id').all();
  assert.deepEqual(
    rows.map((row) => Object.values(row)),
    [
      [7, 200],
      [9, 60],
    ],
  );
  database.close();
});
