/**
 * `node tools/soak/kill.ts [KILLS] [SEED] [sqlite|postgres] [in|out]`: the long form of the kill -9 tests, of mail that
 * comes in or is sent elsewhere; prints what it found and fails on a loss.
 */
import { runKillSoak } from '#test/harness/kill-soak.ts';
import { runQueueKillSoak } from '#test/harness/queue-kill-soak.ts';
import { startPostgres } from '#test/harness/postgres.ts';
import { temporaryFolder } from '#test/harness/server-process.ts';

const kills = Number(process.argv[2] ?? 200);
const seed = Number(process.argv[3] ?? 1);
const backend = process.argv[4] ?? 'sqlite';
const direction = process.argv[5] ?? 'in';
if (direction !== 'in' && direction !== 'out') throw new Error(`neither in nor out: ${direction}`);
if (backend !== 'sqlite' && backend !== 'postgres') throw new Error(`no such store: ${backend}`);

/** mulberry32: enough to repeat a run by its seed. */
function seededRandom(start: number): () => number {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

await using folder = await temporaryFolder();
/** The database itself is not killed: that it keeps what it committed is its own promise. */
const postgres = backend === 'postgres' ? await startPostgres() : undefined;
const run = direction === 'in' ? runKillSoak : runQueueKillSoak;
const result = await run({
  dataDir: folder.path,
  kills,
  connections: 10,
  lifeMs: 1_500,
  random: seededRandom(seed),
  settings: postgres === undefined ? {} : { CAMPUSMAIL_STORE_URL: postgres.url('postgres') },
  report: (text) => process.stderr.write(`\r${text}   `),
});
await postgres?.close();
process.stderr.write('\n');
console.log(JSON.stringify({ backend, direction, seed, ...result }));
const wrong = [...result.lost, ...result.doubled, ...('halves' in result ? result.halves : [])];
process.exitCode = wrong.length === 0 ? 0 : 1;
