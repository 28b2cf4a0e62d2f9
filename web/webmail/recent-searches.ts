/** What was searched for in this browser, until somebody signs out. */

const STORED_AS = 'campusmail.searches';
const MOST_KEPT = 8;

/** The last first. */
export function recentSearches(): readonly string[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(STORED_AS) ?? '[]');
    return Array.isArray(stored) ? stored.filter((one) => typeof one === 'string').slice(0, MOST_KEPT) : [];
  } catch {
    // Storage forbidden, or written by something else.
    return [];
  }
}

export function keepSearch(text: string): void {
  store([text, ...recentSearches().filter((other) => other !== text)].slice(0, MOST_KEPT));
}

export function forgetSearches(): void {
  store([]);
}

function store(searches: readonly string[]): void {
  try {
    localStorage.setItem(STORED_AS, JSON.stringify(searches));
  } catch {
    // They are not kept.
  }
}
