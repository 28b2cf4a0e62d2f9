/** The log: one JSON object a line on standard error, by pino. Standard output is for what commands answer. */
import { destination, pino } from 'pino';
import type { Logger } from '#base/log.ts';

/** `thread` names the writer, a protocol thread or the main one in every line. */
export function openLog(level: string, thread: string): Logger {
  // Synchronous: a line that explains a crash must be out before the crash is.
  const log = pino(
    { level, base: { thread }, timestamp: pino.stdTimeFunctions.isoTime },
    destination({ fd: 2, sync: true }),
  );
  return wrap(log);
}

function wrap(log: pino.Logger): Logger {
  return {
    debug: (fields, message) => log.debug(fields, message),
    info: (fields, message) => log.info(fields, message),
    warn: (fields, message) => log.warn(fields, message),
    error: (fields, message) => log.error(fields, message),
    child: (fields) => wrap(log.child(fields)),
  };
}
