/** Times people put letters off to. Pure. */

const HOUR_MS = 3_600_000;

export interface ScheduleChoice {
  readonly name: 'tonight' | 'tomorrow' | 'monday';
  readonly at: Date;
}

/** This evening at eight while that is some way off, tomorrow morning at eight, and Monday morning unless that is tomorrow. */
export function scheduleChoices(now: Date): readonly ScheduleChoice[] {
  const at = (days: number, hour: number) => new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, hour);
  const toMonday = (8 - now.getDay()) % 7 || 7;
  const choices: readonly ScheduleChoice[] = [
    { name: 'tonight', at: at(0, 20) },
    { name: 'tomorrow', at: at(1, 8) },
    { name: 'monday', at: at(toMonday, 8) },
  ];
  return choices.filter(({ name, at }) =>
    name === 'tonight' ? at.getTime() - now.getTime() > HOUR_MS : name !== 'monday' || toMonday > 1,
  );
}

/** As `<input type="datetime-local">` has it. */
export function formatLocal(at: Date): string {
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
