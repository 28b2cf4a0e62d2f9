/** Puts something around every method of a reader: a time limit, a fault. */

type Method = (...args: never[]) => Promise<unknown>;

/** `reader`, with each call made by `around`. All methods of a reader answer promises. */
export function readerAround<Reader extends object>(
  reader: Reader,
  around: (name: string, call: () => Promise<unknown>) => Promise<unknown>,
): Reader {
  const methods = reader as unknown as Readonly<Record<string, Method>>;
  const wrapped: Record<string, Method> = {};
  for (const name of methodNames(reader)) {
    const method = methods[name];
    if (typeof method === 'function') wrapped[name] = (...args) => around(name, () => method.apply(reader, args));
  }
  return wrapped as Reader;
}

function methodNames(object: object): Set<string> {
  const names = new Set<string>();
  for (let level: object | null = object; level !== null && level !== Object.prototype;) {
    for (const name of Object.getOwnPropertyNames(level)) if (name !== 'constructor') names.add(name);
    level = Object.getPrototypeOf(level) as object | null;
  }
  return names;
}
