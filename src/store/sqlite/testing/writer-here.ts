/** A writer without a thread around it, for tests that reach inside: small segments, full disks, single groups. */
import type { AccountId } from '#base/ids.ts';
import { FakeClock } from '#base/clock.ts';
import { silentLog } from '#base/log.ts';
import type { OperationOutcome, OperationRequest } from '#mail/ports/mail-store.ts';
import type { Maintenance } from '#store/opened-store.ts';
import { loadOperations } from '#store/operations.ts';
import type { GroupResult, Work } from '#store/sqlite/group-commit.ts';
import { openSqliteMaintenance } from '#store/sqlite/maintenance.ts';
import { type Writer, type WriterOptions, openWriter } from '#store/sqlite/writer.ts';

interface TestWork extends Work {
  readonly answer: (outcome: OperationOutcome) => void;
}

export interface WriterHere {
  readonly writer: Writer<TestWork>;
  readonly clock: FakeClock;
  readonly maintenance: Maintenance;
  /** Every group's result so far. */
  readonly results: GroupResult<TestWork>[];
  run(requests: readonly OperationRequest[]): Promise<readonly OperationOutcome[]>;
}

export async function openWriterHere(
  dataDir: string,
  options: Partial<WriterOptions<TestWork>> & { readonly operationsUrl?: string } = {},
): Promise<WriterHere> {
  const clock = new FakeClock();
  const results: GroupResult<TestWork>[] = [];
  const writer = await openWriter<TestWork>({
    dataDir,
    nowMs: clock.now(),
    operations: await loadOperations(options.operationsUrl),
    log: silentLog,
    onResult(result) {
      results.push(result);
      for (const [index, { answer }] of result.work.entries()) {
        const outcome = result.outcomes[index];
        if (outcome !== undefined) answer(outcome);
      }
    },
    ...options,
  });
  return {
    writer,
    clock,
    results,
    maintenance: openSqliteMaintenance({
      dataDir,
      clock,
      log: silentLog,
      runStep: (step) => writer.groups.between(() => writer.steps.run(step)),
    }),
    run: (requests) =>
      Promise.all(
        requests.map(({ accountId, name, args }) => {
          const { promise, resolve } = Promise.withResolvers<OperationOutcome>();
          const target = accountId === (0 as AccountId) ? 'directory' : 'mail';
          const nowMs = clock.now();
          writer.groups.submit([{ target, accountId, name, args, nowMs, sizeBytes: 0, answer: resolve }]);
          return promise;
        }),
      ),
  };
}
