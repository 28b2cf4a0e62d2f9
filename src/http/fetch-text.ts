/** Fetches a small text from a stranger's web server by HTTPS. */
import { createHttpsClient, type AnswerLimits, type HttpsAnswer, type HttpsClientParts } from './https-client.ts';

export type FetchedText =
  /** `text` is read as UTF-8. */
  | { readonly kind: 'fetched'; readonly status: number; readonly contentType: string; readonly text: string }
  | Extract<HttpsAnswer, { kind: 'failed' }>;

export type TextFetcherParts = HttpsClientParts;
export type FetchLimits = AnswerLimits;

/** What fetches an `https:` URL. It never rejects; a redirect is an answer like others. */
export function createTextFetcher(parts: TextFetcherParts): (url: string, limits: FetchLimits) => Promise<FetchedText> {
  const ask = createHttpsClient(parts);
  return async (url, limits) => {
    const answer = await ask(url, { method: 'GET', headers: { accept: 'text/plain' } }, limits);
    if (answer.kind === 'failed') return answer;
    const { status, headers, octets } = answer;
    return { kind: 'fetched', status, contentType: headers['content-type'] ?? '', text: octets.toString() };
  };
}
