/**
 * The proof of work that stands for a captcha: nobody has to read or hear anything, the browser counts for a second, in a worker so that
 * the page stays quick. The protocol is ALTCHA's, version 2.
 */
import type { Challenge, Payload, Solution } from 'altcha-lib';

/** Longer than the slowest phone needs, milliseconds. */
const MOST_MS = 60_000;

/** Fetches a challenge and solves it. Rejects when it cannot be had or `signal` aborts. Resolves to what /auth/sign-in takes. */
export async function solveCaptcha(signal: AbortSignal): Promise<string> {
  const answer = await fetch('/auth/captcha', { signal });
  if (!answer.ok) throw new Error(`no challenge: ${answer.status}`);
  const challenge = (await answer.json()) as Challenge;
  const worker = new Worker(new URL('./captcha-worker.ts', import.meta.url), { type: 'module' });
  try {
    const solution = await new Promise<Solution>((resolve, reject) => {
      const fail = () => reject(new Error('the challenge was not solved'));
      worker.onmessage = ({ data }: MessageEvent<Solution | null>) => (data === null ? fail() : resolve(data));
      worker.onerror = fail;
      signal.addEventListener('abort', fail);
      window.setTimeout(fail, MOST_MS);
      worker.postMessage(challenge);
    });
    const payload: Payload = { challenge, solution };
    return btoa(JSON.stringify(payload));
  } finally {
    worker.terminate();
  }
}

/** Tries; where a captcha is wanted, solves one and tries again. Rejects when it is not solved. */
export async function withCaptcha<Outcome extends object | undefined>(
  attempt: (captcha: { readonly captcha?: string }) => Promise<Outcome>,
  { signal, onSolving }: { readonly signal: AbortSignal; readonly onSolving?: () => void },
): Promise<Outcome> {
  const first = await attempt({});
  if (first === undefined || !('error' in first) || first.error !== 'captchaRequired') return first;
  onSolving?.();
  return attempt({ captcha: await solveCaptcha(signal) });
}
