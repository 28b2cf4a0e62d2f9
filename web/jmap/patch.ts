/** JMAP patches (RFC 8620 §5.3): paths into a record, each with the value to stand there, or null for nothing. */

export type Patch = Readonly<Record<string, unknown>>;

type Json = Readonly<Record<string, unknown>>;

/** The record after the patch; the record itself is left alone, and what the patch does not reach is shared. */
export function applyPatch<Item extends object>(record: Item, patch: Patch): Item {
  let patched: Json = record as Json;
  for (const [path, value] of Object.entries(patch)) {
    // A property of the record stays one when it is null; what lies deeper is a member of a set, and goes.
    patched = path.includes('/') ? setAt(patched, segmentsOf(path), value) : { ...patched, [path]: value };
  }
  return patched as Item;
}

function setAt(record: Json, [first = '', ...rest]: readonly string[], value: unknown): Json {
  if (rest.length > 0) return { ...record, [first]: setAt((record[first] ?? {}) as Json, rest, value) };
  if (value !== null) return { ...record, [first]: value };
  const { [first]: _, ...others } = record;
  return others;
}

/** One patch that does what the two do one after the other. No path of it lies within another, as the RFC demands. */
export function combinePatches(first: Patch, second: Patch): Patch {
  const combined: Record<string, unknown> = { ...first };
  for (const [path, value] of Object.entries(second)) {
    const outer = Object.keys(combined).find((other) => path.startsWith(`${other}/`));
    if (outer !== undefined) {
      const inside = segmentsOf(path.slice(outer.length + 1));
      combined[outer] = setAt((combined[outer] ?? {}) as Json, inside, value);
      continue;
    }
    for (const other of Object.keys(combined)) if (other.startsWith(`${path}/`)) delete combined[other];
    combined[path] = value;
  }
  return combined;
}

/** What leads back from the patched record to this one. */
export function invertPatch(record: object, patch: Patch): Patch {
  const inverse: Record<string, unknown> = {};
  for (const path of Object.keys(patch)) {
    let value: unknown = record;
    for (const segment of segmentsOf(path)) value = (value as Json | null | undefined)?.[segment];
    inverse[path] = value ?? null;
  }
  return inverse;
}

/** One segment of a path: `~` and `/` are escaped (RFC 6901 §3). */
export function pathSegment(text: string): string {
  return text.replaceAll('~', '~0').replaceAll('/', '~1');
}

function segmentsOf(path: string): readonly string[] {
  return path.split('/').map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'));
}
