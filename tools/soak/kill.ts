/** `node tools/soak/kill.ts [KILLS] [SEED]`: the long form of the kill -9 test; prints what it found and fails on a loss. */
import { runKillSoak } from '#test/harness/kill-soak.ts';
import { temporaryFolder } from '#test/harness/server-process.ts';

const kills = Number(process.argv[2] ?? 200);
const seed = Number(process.argv[3] ?? 1);

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
const result = await runKillSoak({
  dataDir: folder.path,
  kills,
  connections: 10,
  lifeMs: 1_500,
  random: seededRandom(seed),
  report: (text) => process.stderr.write(`\r${text}   `),
});
process.stderr.write('\n');
console.log(JSON.stringify({ seed, ...result }));
process.exitCode = result.lost.length === 0 && result.doubled.length === 0 ? 0 : 1;
