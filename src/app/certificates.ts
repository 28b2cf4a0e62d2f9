/** TLS certificates: the configured pair, or a self-signed one made once; read again when the files change. */
import { X509Certificate } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSecureContext, type SecureContext } from 'node:tls';
import { systemClock } from '#base/clock.ts';
import { errorText } from '#base/errors.ts';
import type { Logger } from '#base/log.ts';
import { ConfigError, type Config } from './config.ts';

export interface CertificateFiles {
  readonly cert: string;
  readonly key: string;
}

/** How often the files are looked at for a renewal, milliseconds. */
const LOOK_EVERY_MS = 10_000;

/** The files to serve with; a self-signed pair for `hostname` is made in data_dir/tls when none is configured. */
export async function ensureCertificate(config: Config): Promise<CertificateFiles> {
  if (config.tls.cert !== '') return { cert: config.tls.cert, key: config.tls.key };
  const folder = join(config.dataDir, 'tls');
  const files = { cert: join(folder, 'self-signed.crt'), key: join(folder, 'self-signed.key') };
  if (existsSync(files.cert) && existsSync(files.key)) return files;
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
          { type: 2, value: config.hostname },
          { type: 2, value: 'localhost' },
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

function writeWhole(path: string, text: string): void {
  writeFileSync(`${path}.new`, text, { mode: 0o600 });
  chmodSync(`${path}.new`, 0o600);
  renameSync(`${path}.new`, path);
}

/** Keeps a TLS context that follows its files. A broken renewal is logged and the old one goes on serving. */
export class CertificateSource {
  readonly #files: CertificateFiles;
  readonly #log: Logger;
  #context: SecureContext;
  #stamp: string;
  readonly #timer: NodeJS.Timeout;

  /** Throws ConfigError when the pair cannot be used. */
  constructor(files: CertificateFiles, log: Logger) {
    this.#files = files;
    this.#log = log;
    this.#stamp = this.#readStamp();
    try {
      this.#context = loadContext(files);
    } catch (error) {
      throw new ConfigError(`cannot use certificate ${files.cert} with key ${files.key}: ${errorText(error)}`, {
        cause: error,
      });
    }
    this.#timer = setInterval(() => this.reload(), LOOK_EVERY_MS);
    this.#timer.unref();
  }

  get context(): SecureContext {
    return this.#context;
  }

  /** Reads the files again if they changed. Connections open now keep what they have. */
  reload(): void {
    try {
      const stamp = this.#readStamp();
      if (stamp === this.#stamp) return;
      this.#context = loadContext(this.#files);
      this.#stamp = stamp;
      this.#log.info({ cert: this.#files.cert }, 'certificate reloaded');
    } catch (error) {
      this.#log.error(
        { cert: this.#files.cert, err: errorText(error) },
        'certificate could not be reloaded; the old one stays',
      );
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

  close(): void {
    clearInterval(this.#timer);
  }
}

function loadContext(files: CertificateFiles): SecureContext {
  const cert = readFileSync(files.cert);
  const key = readFileSync(files.key);
  // RFC 8996: nothing below TLS 1.2.
  return createSecureContext({ cert, key, minVersion: 'TLSv1.2' });
}

/** When the certificate ends and for whom it is, for `doctor`. Throws when the file is no certificate. */
export function describeCertificate(path: string): { readonly validTo: Date; readonly names: string } {
  const certificate = new X509Certificate(readFileSync(path));
  return { validTo: new Date(certificate.validTo), names: certificate.subjectAltName ?? certificate.subject };
}
