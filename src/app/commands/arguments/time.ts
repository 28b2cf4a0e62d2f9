/** Instants as people write and read them: in this computer's zone unless they name another. */
import { CommandFailure, EXIT } from '#app/command.ts';

const localZone = (): string => new Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Milliseconds since the epoch, of `2026-09-16`, `2026-09-16T10:00` or what formatTime writes. Throws CommandFailure (usage). */
export function parseTime(text: string): number {
  try {
    const hasZone = /(?:Z|[+-]\d\d:?\d\d)$/i.test(text) && /[T ]/i.test(text);
    return hasZone
      ? Temporal.Instant.from(text).epochMilliseconds
      : Temporal.PlainDateTime.from(text).toZonedDateTime(localZone()).epochMilliseconds;
  } catch {
    throw new CommandFailure(`"${text}" is no time: write it as 2026-09-16 or 2026-09-16T10:00`, EXIT.usage);
  }
}

/** `2026-09-16T10:00:05+08:00`: to be read without a calculation, and to be given to parseTime again. */
export function formatTime(at: number): string {
  return Temporal.Instant.fromEpochMilliseconds(at)
    .toZonedDateTimeISO(localZone())
    .toString({ smallestUnit: 'second', timeZoneName: 'never' });
}
