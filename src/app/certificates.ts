/**
 * TLS certificates: the configured pairs, or a self-signed one made once; read again when the files change. Clients get the
 * first that is for the name they ask for.
 */
import { X509Certificate } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSecureContext, type SecureContext } from 'node:tls';
import { systemClock } from '#base/clock.ts';
import { errorText } from '#base/errors.ts';
import type { Logger } from '#base/log.ts';
import { LruMap } from '#base/lru-map.ts';
import { ConfigError, type CertificateFiles, type Config } from './config.ts';

/** Names that clients asked for, each with its pair: a server has a dozen, and strangers make up others. */
const NAMES_KEPT = 1000;

/** How often the files are looked at for a renewal, milliseconds. */
const LOOK_EVERY_MS = 10_000;

/**
 * The files to serve with, at least one pair; the first also serves who asks for none of our names. A self-signed pair for
 * `hostname` and the hosts of all realms is made in data_dir/tls when none is configured.
 */
export async function ensureCertificates(
  config: Config,
): Promise<readonly [CertificateFiles, ...(readonly CertificateFiles[])]> {
  const { cert, key, certificates } = config.tls;
  const [first, ...others] = cert === '' ? certificates : [{ cert, key }, ...certificates];
  return first === undefined ? [await ensureSelfSigned(config)] : [first, ...others];
}

/** The names that people are told, and programs ask for. */
export function ownHosts(config: Config): readonly string[] {
  return [...new Set([config.hostname, ...config.realms.flatMap(({ hosts }) => hosts)])];
}

async function ensureSelfSigned(config: Config): Promise<CertificateFiles> {
  const folder = join(config.dataDir, 'tls');
  const files = { cert: join(folder, 'self-signed.crt'), key: join(folder, 'self-signed.key') };
  const hosts = ownHosts(config);
  if (existsSync(files.cert) && existsSync(files.key) && isForAll(files.cert, hosts)) return files;
  const { generate } = await import('selfsigned');
  const notBeforeDate = new Date(systemClock.now());
  const notAfterDate = new Date(notBeforeDate);
  notAfterDate.setFullYear(notAfterDate.getFullYear() + 10);
  const pair = await generate([{ name: 'commonName', value: config.hostname }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate,
    notAfterDate,
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      {
        name: 'subjectAltName',
        altNames: [
          ...[...new Set([...hosts, 'localhost'])].map((value) => ({ type: 2 as const, value })),
          { type: 7, ip: '127.0.0.1' },
          { type: 7, ip: '::1' },
        ],
      },
    ],
  });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeWhole(files.key, pair.private);
  writeWhole(files.cert, pair.cert);
  return files;
}

/** Whether it names all of them; what is no certificate was put there by somebody, and is for them to mend. */
function isForAll(path: string, hosts: readonly string[]): boolean {
  try {
    const certificate = new X509Certificate(readFileSync(path));
    return hosts.every((host) => certificate.checkHost(host) !== undefined);
  } catch {
    return true;
  }
}

function writeWhole(path: string, text: string): void {
  writeFileSync(`${path}.new`, text, { mode: 0o600 });
  chmodSync(`${path}.new`, 0o600);
  renameSync(`${path}.new`, path);
}

/** Keeps TLS contexts that follow their files. A broken renewal is logged and the old one goes on serving. */
export class CertificateSource {
  readonly #pairs: readonly FollowedPair[];
  readonly #byName = new LruMap<string, FollowedPair>(NAMES_KEPT);
  readonly #timer: NodeJS.Timeout;

  /** Throws ConfigError when a pair cannot be used. */
  constructor(files: readonly CertificateFiles[], log: Logger) {
    this.#pairs = files.map((pair) => new FollowedPair(pair, log));
    this.#timer = setInterval(() => this.reload(), LOOK_EVERY_MS);
    this.#timer.unref();
  }

  /** That of the first pair which is for the name; of the first of all where none is, or no name is given. */
  contextFor(serverName: string | undefined): SecureContext {
    const [first] = this.#pairs;
    if (first === undefined) throw new Error('there is no certificate');
    if (serverName === undefined || this.#pairs.length === 1) return first.context;
    const name = serverName.toLowerCase();
    let pair = this.#byName.get(name);
    if (pair === undefined) {
      pair = this.#pairs.find((one) => one.isFor(name)) ?? first;
      this.#byName.set(name, pair);
    }
    return pair.context;
  }

  /** Reads the files again that changed. Connections open now keep what they have. */
  reload(): void {
    for (const pair of this.#pairs) if (pair.reload()) this.#byName.clear();
  }

  close(): void {
    clearInterval(this.#timer);
  }
}

/** One pair of files, and what was last read of them. */
class FollowedPair {
  readonly #files: CertificateFiles;
  readonly #log: Logger;
  #loaded: ReturnType<typeof load>;
  #stamp: string;

  constructor(files: CertificateFiles, log: Logger) {
    this.#files = files;
    this.#log = log;
    this.#stamp = this.#readStamp();
    try {
      this.#loaded = load(files);
    } catch (error) {
      throw new ConfigError(`cannot use certificate ${files.cert} with key ${files.key}: ${errorText(error)}`, {
        cause: error,
      });
    }
  }

  get context(): SecureContext {
    return this.#loaded.context;
  }

  isFor(host: string): boolean {
    return this.#loaded.certificate.checkHost(host) !== undefined;
  }

  /** Whether there is another now. */
  reload(): boolean {
    try {
      const stamp = this.#readStamp();
      if (stamp === this.#stamp) return false;
      this.#loaded = load(this.#files);
      this.#stamp = stamp;
      this.#log.info({ cert: this.#files.cert }, 'certificate reloaded');
      return true;
    } catch (error) {
      this.#log.error(
        { cert: this.#files.cert, err: errorText(error) },
        'certificate could not be reloaded; the old one stays',
      );
      return false;
    }
  }

  #readStamp(): string {
    return [this.#files.cert, this.#files.key]
      .map((path) => {
        const { mtimeMs, size, ino } = statSync(path, { throwIfNoEntry: false }) ?? {};
        return `${mtimeMs}:${size}:${ino}`;
      })
      .join(' ');
  }
}

function load(files: CertificateFiles): { readonly context: SecureContext; readonly certificate: X509Certificate } {
  const cert = readFileSync(files.cert);
  const key = readFileSync(files.key);
  // RFC 8996: nothing below TLS 1.2.
  return { context: createSecureContext({ cert, key, minVersion: 'TLSv1.2' }), certificate: new X509Certificate(cert) };
}

/** When the certificate ends and for whom it is, for `doctor`. Throws when the file is no certificate. */
export function describeCertificate(path: string): { readonly validTo: Date; readonly names: string } {
  const certificate = new X509Certificate(readFileSync(path));
  return { validTo: new Date(certificate.validTo), names: certificate.subjectAltName ?? certificate.subject };
}
