/** Patches (RFC 8620 §5.3): `{"name": …, "keywords/$seen": true}`. */
import { ObjectError } from './errors.ts';

export type Patch = Readonly<Record<string, unknown>>;

/** The object with the patch applied; null removes, so that the property has its default. Throws ObjectError `invalidPatch`. */
export function applyPatch<Item extends object>(item: Item, patch: Patch): Item {
  const result = { ...item } as Record<string, unknown>;
  const paths = Object.keys(patch).map((path) => path.split('/').map(unescapeToken));
  requireApart(paths);
  for (const [path, value] of Object.entries(patch)) {
    const tokens = path.split('/').map(unescapeToken);
    const last = tokens.pop() ?? '';
    let parent = result;
    for (const token of tokens) {
      const child: unknown = Object.hasOwn(parent, token) ? parent[token] : undefined;
      if (typeof child !== 'object' || child === null || Array.isArray(child))
        throw new ObjectError('invalidPatch', `${path}: nothing to patch is there`);
      const copy = { ...child } as Record<string, unknown>;
      define(parent, token, copy);
      parent = copy;
    }
    if (value === null) delete parent[last];
    else define(parent, last, value);
  }
  return result as Item;
}

/** By definition, not assignment: `__proto__` is a name like another. */
function define(target: Record<string, unknown>, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true });
}

/** What is beside or below another path that is patched as a whole would depend on the order. */
function requireApart(paths: readonly (readonly string[])[]): void {
  const joined = paths.map((tokens) => `${tokens.join('\0')}\0`).toSorted();
  const clash = joined.find((path, i) => i > 0 && path.startsWith(joined[i - 1] as string));
  if (clash !== undefined)
    throw new ObjectError('invalidPatch', `${clash.split('\0').slice(0, -1).join('/')}: patched twice`);
}

function unescapeToken(token: string): string {
  return token.replaceAll('~1', '/').replaceAll('~0', '~');
}
