/**
 * `node tools/soak/imap-stress.ts [CLIENTS] [SECONDS] [SEED] [THREADS]`: many clients on one mailbox, the long form of
 * the test; prints figures, and fails with what a client saw when anything contradicts anything.
 */
import { runImapStress } from '#test/harness/imap-stress.ts';
import { seededRandom } from '#test/harness/seeded-random.ts';
import { mustRun, startServerProcess, temporaryFolder } from '#test/harness/server-process.ts';

const [clients = 50, seconds = 60, seed = 1, threads = 2] = process.argv.slice(2).map(Number);
const login = 'zhang.san@kust.example';
const password = 'stress-password';

await using folder = await temporaryFolder();
const settings = { CAMPUSMAIL_SERVER_THREADS: String(threads) };
await mustRun(folder.path, ['domain', 'add', 'kust.example'], settings);
await mustRun(folder.path, ['account', 'create', login, '--password', password], settings);
const server = await startServerProcess(folder.path, settings);
try {
  const endsAt = performance.now() + seconds * 1000;
  const result = await runImapStress({
    ports: [server.ports['imap'] as number],
    login,
    password,
    clients,
    operations: Infinity,
    random: seededRandom(seed),
    messages: 300,
    isOver: () => performance.now() >= endsAt,
  });
  const perSecond = Math.round(result.commands / result.seconds);
  const { byCommand, ...figures } = result;
  console.log(JSON.stringify({ clients, seed, threads, perSecond, ...figures }));
  console.table(byCommand);
  console.log(await mustRun(folder.path, ['verify'], settings));
} finally {
  const code = await server.stop();
  if (code !== 0 || server.log() !== '') console.error(`the server ended with ${code} and said:\n${server.log()}`);
}
