/**
 * For `node --test --test-global-setup=test/harness/one-postgres.ts`: one PostgreSQL for all the files of a run,
 * in place of one for each file that needs it.
 */
import { type PostgresServer, makeTemplate, startPostgres, TEMPLATE } from './postgres.ts';

let server: PostgresServer | undefined;

export async function globalSetup(): Promise<void> {
  server = await startPostgres();
  await makeTemplate(server.url('postgres'), server.url(TEMPLATE));
  process.env['TEST_POSTGRES_URL'] = server.url('postgres');
}

export async function globalTeardown(): Promise<void> {
  await server?.close();
}
