/** What an invitation says (RFC 5545), as far as a reader wants it at a glance, and the answer to it (RFC 5546). Pure. */

export interface CalendarMoment {
  /** undefined where its zone is not known: `text` says it then. */
  readonly at: Date | undefined;
  /** As it was written: `2026-09-01 14:00`. */
  readonly text: string;
  readonly isDay: boolean;
}

export interface CalendarEvent {
  readonly isCancelled: boolean;
  /** Whether it is an answer to one's own invitation. */
  readonly isReply: boolean;
  readonly summary: string;
  readonly location: string;
  readonly description: string;
  /** Name or address; '' where there is none. */
  readonly organizer: string;
  readonly start: CalendarMoment | undefined;
  readonly end: CalendarMoment | undefined;
  readonly isRepeated: boolean;
  readonly attendees: readonly Attendee[];
  /** Whether it is asked for an answer, and can have one. */
  readonly isAnswerable: boolean;
  /** Whether it takes the place of an invitation of before. */
  readonly isChanged: boolean;
  /** Where answers go; '' where there is none. */
  readonly organizerAddress: string;
  /** What an answer repeats, as it stood. */
  readonly repeated: readonly string[];
}

export interface Attendee {
  readonly name: string;
  readonly address: string;
  /** Undefined: not answered, or not in words of ours. */
  readonly answer: Answer | undefined;
}

/** RFC 5545 §3.2.12. */
export const ANSWERS = ['ACCEPTED', 'TENTATIVE', 'DECLINED'] as const;
export type Answer = (typeof ANSWERS)[number];

/** Longer ones are calendars, not invitations: the rest is not read. */
const LINES = 5_000;

interface Line {
  readonly name: string;
  readonly parameters: ReadonlyMap<string, string>;
  readonly value: string;
  /** Unfolded. */
  readonly whole: string;
}

/** The first event; undefined: there is none. */
export function readInvitation(text: string): CalendarEvent | undefined {
  // RFC 5545 §3.1: a line goes on after an end of line and a blank.
  const lines = text
    .replace(/\r?\n[ \t]/g, '')
    .split(/\r?\n/, LINES)
    .map(readLine);
  const begin = lines.findIndex(({ name, value }) => name === 'BEGIN' && value.toUpperCase() === 'VEVENT');
  if (begin === -1) return undefined;
  const length = lines.slice(begin).findIndex(({ name, value }) => name === 'END' && value.toUpperCase() === 'VEVENT');
  const inside = lines.slice(begin, length === -1 ? undefined : begin + length);
  // What stands in an alarm inside is not the event's.
  const alarm = inside.findIndex(({ name, value }) => name === 'BEGIN' && value.toUpperCase() === 'VALARM');
  const event = alarm === -1 ? inside : inside.slice(0, alarm);
  const find = (name: string) => event.find((line) => line.name === name);
  const textOf = (name: string) => unescape(find(name)?.value ?? '');
  const method = lines.find(({ name }) => name === 'METHOD')?.value.toUpperCase() ?? '';
  const organizer = find('ORGANIZER');
  const organizerAddress = addressIn(organizer);
  const isCancelled = method === 'CANCEL' || find('STATUS')?.value.toUpperCase() === 'CANCELLED';
  return {
    isCancelled,
    isReply: method === 'REPLY',
    summary: textOf('SUMMARY'),
    location: textOf('LOCATION'),
    description: textOf('DESCRIPTION'),
    organizer: organizer?.parameters.get('CN') ?? organizer?.value.replace(/^mailto:/i, '') ?? '',
    start: momentOf(find('DTSTART')),
    end: momentOf(find('DTEND')),
    isRepeated: find('RRULE') !== undefined,
    attendees: event.filter(({ name }) => name === 'ATTENDEE').map(attendeeOf),
    isAnswerable: method === 'REQUEST' && !isCancelled && organizerAddress !== '' && find('UID') !== undefined,
    isChanged: method === 'REQUEST' && Number(find('SEQUENCE')?.value ?? 0) > 0,
    organizerAddress,
    repeated: event.filter(({ name }) => REPEATED.has(name)).map(({ whole }) => whole),
  };
}

/** RFC 5546 §3.2.3: what an answer has of the event. */
const REPEATED: ReadonlySet<string> = new Set([
  'UID',
  'SEQUENCE',
  'RECURRENCE-ID',
  'ORGANIZER',
  'SUMMARY',
  'DTSTART',
  'DTEND',
  'LOCATION',
]);

function attendeeOf(line: Line): Attendee {
  const status = line.parameters.get('PARTSTAT')?.toUpperCase();
  return {
    name: line.parameters.get('CN') ?? '',
    address: addressIn(line),
    answer: ANSWERS.find((answer) => answer === status),
  };
}

/** '' for what is no address that mail could go to. */
function addressIn(line: Line | undefined): string {
  return /^mailto:([^\s<>"@,;:]{1,64}@[^\s<>"@,;:]{1,253})$/i.exec(line?.value.trim() ?? '')?.[1] ?? '';
}

/** The answer of one who is invited, to be sent to the organizer; `now`: when it is given. */
export function formatAnswer(
  { repeated }: Pick<CalendarEvent, 'repeated'>,
  { name, address, answer }: Attendee & { readonly answer: Answer },
  now: Date,
): string {
  const stamp = now.toISOString().replace(/[-:]|\.\d+/g, '');
  const lines = [
    'BEGIN:VCALENDAR',
    'PRODID:-//campusmail//webmail//ZH',
    'VERSION:2.0',
    'METHOD:REPLY',
    'BEGIN:VEVENT',
    ...repeated,
    `DTSTAMP:${stamp}`,
    `ATTENDEE;PARTSTAT=${answer}${name === '' ? '' : `;CN="${name.replace(/[\p{Cc}"]/gu, '')}"`}:mailto:${address}`,
    'REQUEST-STATUS:2.0;Success',
    'END:VEVENT',
    'END:VCALENDAR',
  ];
  return lines.map((line) => `${fold(line)}\r\n`).join('');
}

/** RFC 5545 §3.1: no line has more than 75 octets; 24 characters have at most 72. */
function fold(line: string): string {
  return (line.match(/.{1,24}/gsu) ?? []).join('\r\n ');
}

/** `NAME;PARAMETER=value;OTHER="quoted: value":the rest`. */
function readLine(line: string): Line {
  const name = /^[A-Za-z0-9-]{1,64}/.exec(line)?.[0] ?? '';
  const parameters = new Map<string, string>();
  let at = name.length;
  while (line.charAt(at) === ';') {
    const parameter = /^;([A-Za-z0-9-]{1,64})=("[^"]*"|[^;:",]*)(?:,(?:"[^"]*"|[^;:",]*))*/.exec(line.slice(at));
    if (parameter === null) break;
    parameters.set(String(parameter[1]).toUpperCase(), String(parameter[2]).replace(/^"|"$/g, ''));
    at += parameter[0].length;
  }
  return {
    name: name.toUpperCase(),
    parameters,
    value: line.charAt(at) === ':' ? line.slice(at + 1) : '',
    whole: line,
  };
}

/** RFC 5545 §3.3.11. */
function unescape(value: string): string {
  return value
    .replace(/\\([nN,;\\])/g, (_, character: string) => (character.toLowerCase() === 'n' ? '\n' : character))
    .trim();
}

/** As Outlook names the zones that invitations here come in. */
const ZONES: Readonly<Record<string, string>> = {
  'China Standard Time': 'Asia/Shanghai',
  'Tokyo Standard Time': 'Asia/Tokyo',
  'Singapore Standard Time': 'Asia/Singapore',
  'Taipei Standard Time': 'Asia/Taipei',
  'GMT Standard Time': 'Europe/London',
  'W. Europe Standard Time': 'Europe/Berlin',
  'Romance Standard Time': 'Europe/Paris',
  'Eastern Standard Time': 'America/New_York',
  'Pacific Standard Time': 'America/Los_Angeles',
  'AUS Eastern Standard Time': 'Australia/Sydney',
  UTC: 'UTC',
};

function momentOf(line: Line | undefined): CalendarMoment | undefined {
  const match = /^(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)?(Z)?)?$/.exec(line?.value.trim() ?? '');
  if (line === undefined || match === null) return undefined;
  const [, year, month, day, hour, minute, , isUtc] = match;
  const date = `${year}-${month}-${day}`;
  if (hour === undefined) return { at: new Date(`${date}T00:00`), text: date, isDay: true };
  const zone = line.parameters.get('TZID');
  const text = `${date} ${hour}:${minute}${isUtc ? ' UTC' : zone === undefined ? '' : ` (${zone})`}`;
  const wall = Date.parse(`${date}T${hour}:${minute}:00Z`);
  if (Number.isNaN(wall)) return undefined;
  const known = isUtc ? 'UTC' : zone === undefined ? undefined : (ZONES[zone] ?? zone);
  return {
    at: known === undefined ? new Date(`${date}T${hour}:${minute}`) : instantOf(wall, known),
    text,
    isDay: false,
  };
}

/** When clocks in `zone` show what `wall` reads as UTC, milliseconds. */
function instantOf(wall: number, zone: string): Date | undefined {
  try {
    const clock = new Intl.DateTimeFormat('sv', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' });
    const shown = (at: number) => Date.parse(`${clock.format(at).replace(' ', 'T')}Z`);
    // Twice: the first guess may lie across a change of the clocks.
    const guess = wall - (shown(wall) - wall);
    return new Date(guess + (wall - shown(guess)));
  } catch {
    return undefined;
  }
}
