/**
 * Puts messages into the queue of a server that does not run, through the queue's own door: for loads that are about
 * sending alone. `node tools/bench/fill-queue.ts COUNT DESTINATIONS [held]`, with the server's CAMPUSMAIL_… variables.
 */
import { systemRandom } from '#base/random.ts';
import { newQueueId } from '#base/queue-id.ts';
import { silentLog } from '#base/log.ts';
import { readConfig } from '#app/config.ts';
import { openSystem } from '#app/system.ts';
import { makeMessage } from './campus-mail.ts';
import { OUTBOUND_BYTES } from './names.ts';

/** Together in the store's commits. */
const AT_ONCE = 400;

const [count = '0', destinations = '', held] = process.argv.slice(2);
const names = destinations.split(',');
const { queue, mail, clock, close } = await openSystem(readConfig('', ''), silentLog);
let next = 0;
await Promise.all(
  Array.from({ length: AT_ONCE }, async () => {
    for (let index = next++; index < Number(count); index = next++) {
      await queue.enqueue({
        queueId: newQueueId(clock.now(), systemRandom),
        message: mail.prepareMessage(makeMessage(index, OUTBOUND_BYTES)),
        envelope: {
          reversePath: 'load@bench.test',
          body: '7BIT',
          smtpUtf8: false,
          requireTls: false,
          accountId: null,
          priority: 0,
        },
        recipients: [{ address: `p${index}@${names[index % names.length]}` }],
        isHeld: held === 'held',
      });
    }
  }),
);
await close();
