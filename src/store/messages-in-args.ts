/**
 * Finds prepared messages in the arguments of operations, which are otherwise opaque to a store: their octets are
 * made durable before the operation runs. One that hides deeper is still stored, only later.
 */
import type { PreparedMessage } from '#mail/types.ts';

/** Calls back for each prepared message in an operation's arguments: a field, or an element of a field. */
export function replaceMessages(args: unknown, replace: (message: PreparedMessage) => PreparedMessage): unknown {
  if (!isPlainObject(args)) return args;
  let copy: Record<string, unknown> | undefined;
  for (const key of Object.keys(args)) {
    const value = args[key];
    let replaced = value;
    if (isPreparedMessage(value)) replaced = replace(value);
    else if (Array.isArray(value)) replaced = replaceInList(value, replace);
    if (replaced === value) continue;
    copy ??= { ...args };
    copy[key] = replaced;
  }
  return copy ?? args;
}

function replaceInList(list: readonly unknown[], replace: (message: PreparedMessage) => PreparedMessage): unknown {
  // Lists of messages hold nothing else near their start; lists of ids may be long.
  if (!isPlainObject(list[0])) return list;
  return list.map((item) => (isPreparedMessage(item) ? replace(item) : replaceMessages(item, replace)));
}

/** The prepared messages in an operation's arguments. */
export function findMessages(args: unknown): PreparedMessage[] {
  const found: PreparedMessage[] = [];
  replaceMessages(args, (message) => {
    found.push(message);
    return message;
  });
  return found;
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);
}

function isPreparedMessage(value: unknown): value is PreparedMessage {
  if (!isPlainObject(value) || !isPlainObject(value['blob'])) return false;
  return value['blob']['encoded'] instanceof Uint8Array && isPlainObject(value['digest']);
}
