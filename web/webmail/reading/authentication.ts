/** What our own server found out about who sent a letter, out of its Authentication-Results (RFC 8601). Pure. */
import { readResults } from '#contract/authentication-results.ts';

/** `unknown`: nobody looked, or could not; nothing is claimed of either then. */
export type Verdict = 'verified' | 'unverified' | 'unknown';

/** `fields` as `readResults` wants them. `domain`: that of the letter's From. */
export function judgeSender(fields: readonly string[], authservId: string, domain: string): Verdict {
  const methods = readResults(fields, authservId);
  if (methods === undefined) return 'unknown';
  const all = (name: string) => methods.filter((method) => method.name === name);
  const dmarc = all('dmarc')[0];
  if (dmarc?.result === 'fail') return 'unverified';
  if (dmarc?.result === 'pass') {
    // RFC 8601 §2.7.6: of which domain it speaks.
    const from = dmarc.properties.get('header.from');
    return from === undefined || from === domain.toLowerCase() ? 'verified' : 'unverified';
  }
  // A domain without a policy: what signed or sent must at least be the same.
  const isAligned = (other: string | undefined) =>
    other !== undefined && isSameOrganisation(other, domain.toLowerCase());
  const isVouched =
    all('dkim').some(({ result, properties }) => result === 'pass' && isAligned(properties.get('header.d'))) ||
    all('spf').some(
      ({ result, properties }) => result === 'pass' && isAligned(domainIn(properties.get('smtp.mailfrom'))),
    );
  if (isVouched) return 'verified';
  return methods.some(({ result }) => result === 'temperror') ? 'unknown' : 'unverified';
}

/** Of an address, or of what is a domain alone. */
function domainIn(text: string | undefined): string | undefined {
  return text?.slice(text.lastIndexOf('@') + 1);
}

function isSameOrganisation(one: string, other: string): boolean {
  return one === other || one.endsWith(`.${other}`) || other.endsWith(`.${one}`);
}
