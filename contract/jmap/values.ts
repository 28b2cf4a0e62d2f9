/** The data types of RFC 8620 §1 as checks that browser and server share: each says what it is and refuses the rest. */
import * as v from 'valibot';

/** RFC 8620 §1.2: 1 to 255 of the URL-safe base64 letters. */
export const Id = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{1,255}$/, 'not an Id'));

/** An Id, or `#` and the creation id of what the same request makes (RFC 8620 §5.3). */
export const IdOrNew = v.pipe(v.string(), v.regex(/^#?[A-Za-z0-9_-]{1,255}$/, 'not an Id'));

/** RFC 8620 §1.3: exact in a double. */
export const Int = v.pipe(v.number(), v.safeInteger('not an Int'));
export const UnsignedInt = v.pipe(Int, v.minValue(0, 'not an UnsignedInt'));

/** RFC 8620 §1.4: RFC 3339 without a fraction of zero, upper-case letters. */
export const Date = v.pipe(
  v.string(),
  v.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d*[1-9])?(?:Z|[+-]\d\d:\d\d)$/, 'not a Date'),
  v.check((text) => !Number.isNaN(globalThis.Date.parse(text)), 'no such date'),
);
export const UTCDate = v.pipe(Date, v.endsWith('Z', 'not in UTC'));

/** A JSON object with any names of that form: a list is none. */
export const mapOf = <const Key extends v.GenericSchema<string, string>, const Value extends v.GenericSchema>(
  key: Key,
  value: Value,
) => v.pipe(v.custom<Record<string, unknown>>(isObject, 'not an object'), v.record(key, value));

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A set, as JMAP writes them: every value is true. */
export const setOf = <const Key extends v.GenericSchema<string, string>>(key: Key) => mapOf(key, v.literal(true));

export type Id = v.InferOutput<typeof Id>;
export type UTCDate = v.InferOutput<typeof UTCDate>;

/** The first thing wrong, with its path as a JSON pointer below the value checked: `/filter/inMailbox: not an Id`. */
export function explainIssue(issue: v.BaseIssue<unknown>): string {
  const path = (issue.path ?? []).map(({ key }) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`);
  return path.length === 0 ? issue.message : `${path.join('')}: ${issue.message}`;
}

/** The value, checked and typed; or why it is not one. */
export function check<const Schema extends v.GenericSchema>(
  schema: Schema,
  value: unknown,
): { readonly ok: true; readonly value: v.InferOutput<Schema> } | { readonly ok: false; readonly why: string } {
  const result = v.safeParse(schema, value, { abortEarly: true });
  return result.success ? { ok: true, value: result.output } : { ok: false, why: explainIssue(result.issues[0]) };
}
