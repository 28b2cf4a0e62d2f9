import { useCallback, useEffect, useRef, useState } from 'react';
import { solveCaptcha } from '#web/webmail/sign-in/solve-captcha.ts';

/** The server takes a solution for ten minutes. */
const GOOD_MS = 8 * 60_000;

/**
 * Solves a captcha while one types, so that nobody waits for it; `take` gives the solution, each once, and begins another.
 */
export function useCaptcha(): { readonly isSolved: boolean; readonly take: () => Promise<string> } {
  const [isSolved, setSolved] = useState(false);
  const pending = useRef<{ readonly at: number; readonly solution: Promise<string>; readonly abort: AbortController }>(
    undefined,
  );
  const begin = useCallback(() => {
    pending.current?.abort.abort();
    const abort = new AbortController();
    const solution = solveCaptcha(abort.signal);
    const mine = { at: Date.now(), solution, abort };
    pending.current = mine;
    solution.then(
      () => {
        if (pending.current === mine) setSolved(true);
      },
      () => undefined,
    );
    return mine;
  }, []);
  useEffect(() => {
    begin();
    return () => pending.current?.abort.abort();
  }, [begin]);

  const take = useCallback(async () => {
    let mine = pending.current;
    if (mine === undefined || Date.now() - mine.at > GOOD_MS) mine = begin();
    try {
      // One that could not be had while there was no network is tried again.
      return await mine.solution.catch(() => begin().solution);
    } finally {
      // Each is good once: the next is under way when it is wanted.
      setSolved(false);
      begin();
    }
  }, [begin]);
  return { isSolved, take };
}
