import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { FakeClock } from '#base/clock.ts';

import { startServer } from './testing/test-client.ts';
import type { TestClient } from './testing/test-client.ts';

const timeout = 10_000;
const BUDGET_BYTES = 100_000;
const DATA_TIMEOUT_MS = 300_000;

const BEGINNINGS: Readonly<Record<string, (client: TestClient) => Promise<void>>> = {
  async DATA(client) {
    await client.ask('DATA');
    client.send(`Subject: 归档\r\n\r\n${'x'.repeat(70)}\r\n`.repeat(500));
  },
  async BDAT(client) {
    client.send(`BDAT 80000\r\n${'x\r\n'.repeat(15_000)}`);
  },
  async 'BDAT whose first chunk is whole'(client) {
    assert.match((await client.ask(`BDAT 45000\r\n${'x\r\n'.repeat(14_999)}x`)) ?? '', /^250/);
  },
};

const ENDINGS: Readonly<Record<string, (client: TestClient, clock: FakeClock) => void>> = {
  'drips and stops': (_client, clock) => clock.advance(DATA_TIMEOUT_MS),
  'closes its side': (client) => void client.socket.end(),
  'closes all of it': (client) => client.destroy(),
  resets: (client) => void client.socket.resetAndDestroy(),
};

describe('the memory that messages under way take is given back', () => {
  for (const [beginning, begin] of Object.entries(BEGINNINGS)) {
    for (const [ending, end] of Object.entries(ENDINGS)) {
      it(`when a peer in the midst of ${beginning} ${ending}`, { timeout }, async () => {
        const clock = new FakeClock();
        await using host = await startServer({
          clock,
          limits: { maxBytesInFlight: BUDGET_BYTES, commandTimeoutMs: DATA_TIMEOUT_MS, dataTimeoutMs: DATA_TIMEOUT_MS },
        });
        const client = await host.connect();
        await client.open('EHLO client.example', 'MAIL FROM:<a@example.net>', 'RCPT TO:<b@example.edu>');
        await begin(client);
        /** Whether there is room for a message as large as the budget. */
        const isFree = async (): Promise<boolean> => {
          const other = await host.connect();
          await other.open();
          const reply = await other.ask(`MAIL FROM:<c@example.net> SIZE=${BUDGET_BYTES}`);
          await other.ask('QUIT');
          assert.match(reply ?? '', /^(250|452)/);
          return reply?.startsWith('250') === true;
        };
        while (await isFree());
        end(client, clock);
        while (!(await isFree()));
        assert.deepEqual(host.receiver.messages, []);
      });
    }
  }
});
