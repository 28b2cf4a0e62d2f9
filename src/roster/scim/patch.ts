/** PATCH of SCIM (RFC 7644 §3.5.2) for attributes with one value, all that a person of the roster has. */
import { MAX_SCIM_OPERATIONS } from '#roster/limits.ts';
import { ENTERPRISE, PERSON, USER } from './schemas.ts';
import { isObject } from './user.ts';
import type { JsonObject } from './user.ts';

/** The user with the operations done, or why they cannot be. */
export function patchUser(user: JsonObject, body: JsonObject): JsonObject | string {
  const operations = body['Operations'];
  if (!Array.isArray(operations) || operations.length > MAX_SCIM_OPERATIONS) return 'Operations is missing or too long';
  let patched = user;
  for (const operation of operations as readonly unknown[]) {
    if (!isObject(operation)) return 'an operation is no object';
    const { op, path, value } = operation;
    const verb = typeof op === 'string' ? op.toLowerCase() : '';
    if (verb === 'remove' && typeof path === 'string') {
      const changed = setAt(patched, path, '');
      if (changed === undefined) return `there is no attribute ${path.slice(0, 100)}`;
      patched = changed;
    } else if (verb === 'add' || verb === 'replace') {
      const changed = put(patched, path, value);
      if (changed === undefined) return 'an attribute or its value is not known';
      patched = changed;
    } else return 'an operation is add, replace or remove, with a path where it removes';
  }
  return patched;
}

function put(user: JsonObject, path: unknown, value: unknown): JsonObject | undefined {
  if (typeof path === 'string') return setAt(user, path, value);
  if (path !== undefined || !isObject(value)) return undefined;
  let patched: JsonObject | undefined = user;
  for (const [name, part] of Object.entries(value)) {
    if (patched === undefined) return undefined;
    if (name === 'schemas') continue;
    // An extension as a whole, or an attribute by its path: programs write both.
    if (isObject(part)) {
      for (const [inner, one] of Object.entries(part)) {
        const separator = name.startsWith('urn:') ? ':' : '.';
        patched = patched && setAt(patched, `${name}${separator}${inner}`, one);
      }
    } else patched = setAt(patched, name, part);
  }
  return patched;
}

const SIMPLE: ReadonlySet<string> = new Set(['displayName', 'userType', 'active', 'userName', 'externalId']);

/** Undefined: no such attribute, or no such value of one. */
function setAt(user: JsonObject, path: string, value: unknown): JsonObject | undefined {
  const whole = path.startsWith(`${USER}:`) ? path.slice(USER.length + 1) : path;
  if (whole === 'active') {
    // Microsoft Entra ID, 2026-11: booleans as texts, `True` and `False`.
    const text = String(value).toLowerCase();
    return text === 'true' || text === 'false' ? { ...user, active: text === 'true' } : undefined;
  }
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  // They are the person's number, which stays.
  if (whole === 'userName' || whole === 'externalId') return value === user[whole] ? user : undefined;
  if (SIMPLE.has(whole)) return { ...user, [whole]: value };
  if (whole === 'name.formatted') return { ...user, displayName: value };
  for (const urn of [ENTERPRISE, PERSON]) {
    const name = whole.slice(urn.length + 1);
    if (!whole.startsWith(`${urn}:`) || !/^[a-zA-Z]{1,40}$/.test(name)) continue;
    const before = user[urn];
    return { ...user, [urn]: { ...(isObject(before) ? before : {}), [name]: value } };
  }
  return undefined;
}
