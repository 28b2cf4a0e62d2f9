/** The server's own secret, made at first need and kept in data_dir: what must stay the same over restarts and threads is derived from it. */
import { hkdfSync } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemRandom } from '#base/random.ts';
import { ConfigError } from './config.ts';

const LENGTH = 32;

/** 32 octets for one purpose. Throws ConfigError when the file is not what we wrote. */
export function deriveSecret(dataDir: string, purpose: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', readSecret(dataDir), '', `campusmail ${purpose}`, LENGTH));
}

function readSecret(dataDir: string): Buffer {
  const path = join(dataDir, 'secret.key');
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  try {
    // wx: of two processes that find none, one makes it and the other reads it.
    writeFileSync(path, systemRandom.bytes(LENGTH), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const secret = readFileSync(path);
  if (secret.length !== LENGTH) throw new ConfigError(`${path} is damaged: it must hold ${LENGTH} octets`);
  return secret;
}
