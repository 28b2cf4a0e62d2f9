/** What both vendors' clients have in common. */

/** Milliseconds of the day in Shanghai ahead of UTC: vendors count days there. */
const SHANGHAI_MS = 8 * 3_600_000;

/** The day as vendors write it: `20261128`. */
export function vendorDay(at: number): string {
  return new Date(at + SHANGHAI_MS).toISOString().slice(0, 10).replaceAll('-', '');
}

/** Whether it never came to a connection, so that nothing can have been sent. */
export function isNotReached(error: unknown): boolean {
  const text = `${String((error as { code?: unknown }).code)} ${error instanceof Error ? error.message : ''}`;
  return /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH/.test(text);
}

/** How long a vendor's bound of one number lasts, by its words for it; milliseconds. */
export function retryOf(message: string): number {
  if (/天|Daily/i.test(message)) return 24 * 3_600_000;
  if (/小时|Hour/i.test(message)) return 3_600_000;
  return 60_000;
}
