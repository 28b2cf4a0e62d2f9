/** Each backend against the memory store, over random changes. */
import { test } from 'node:test';
import { openTestStore } from '#test/harness/stores.ts';
import { checkAgainstModel } from './store-model.ts';

for (const kind of ['sqlite', 'postgres'] as const) {
  test(`random changes leave ${kind} as they leave the model`, () =>
    checkAgainstModel({
      openModel: () => openTestStore('memory'),
      openSubject: () => openTestStore(kind),
      runs: 15,
      stepsPerRun: 60,
    }));
}
