/** Things that are done side by side. */

/** As `Promise.all`, but the first error is thrown only once nothing is under way any more. */
export async function allDone<T>(started: Iterable<PromiseLike<T>>): Promise<T[]> {
  const outcomes = await Promise.allSettled(started);
  return outcomes.map((outcome) => {
    if (outcome.status === 'rejected') throw outcome.reason;
    return outcome.value;
  });
}
