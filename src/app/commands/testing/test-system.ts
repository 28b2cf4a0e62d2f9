/** A system of its own for a test: an embedded store in a temporary folder, cheap hashes, and a person to run commands. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { findCommand, readArguments } from '#app/command-line.ts';
import type { CommandIo } from '#app/command.ts';
import { readConfig, type Config } from '#app/config.ts';
import { openSystem, type System } from '#app/system.ts';
import { silentLog } from '#base/log.ts';

export interface Answer {
  readonly exit: number;
  readonly out: string;
  readonly err: string;
}

export function testConfig(dataDir: string, toml = '', auth = ''): Config {
  const cheap = `data_dir = ${JSON.stringify(dataDir)}\nhostname = "mail.kust.example"\n${toml}\n`;
  return readConfig(`${cheap}[auth]\nargon2_memory_kib = 8\nargon2_passes = 1\n${auth}\n`, 'test.toml', {});
}

export function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'campusmail-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Collects what a command says. */
export class Person implements CommandIo {
  readonly cwd: string;
  readonly #input: string;
  readonly #aborter = new AbortController();
  output = '';
  errors = '';
  readonly shown: string[] = [];
  /** Called with each progress text. */
  onProgress: (text: string) => void = () => undefined;

  constructor(cwd: string, input = '') {
    this.cwd = cwd;
    this.#input = input;
  }

  out = (text: string): void => {
    this.output += text;
  };

  err = (text: string): void => {
    this.errors += text;
  };

  progress = (text: string): void => {
    this.shown.push(text);
    this.onProgress(text);
  };

  readInput = (): Promise<string> => Promise.resolve(this.#input);

  get signal(): AbortSignal {
    return this.#aborter.signal;
  }

  giveUp(): void {
    this.#aborter.abort();
  }
}

export interface TestSystem {
  readonly system: System;
  readonly folder: string;
  /** Runs a store command as the server would; expected failures reject. */
  run(words: readonly string[], input?: string): Promise<Answer>;
}

/** `toml`: settings; `auth`: those of that section. */
export async function openTestSystem(t: TestContext, toml = '', auth = ''): Promise<TestSystem> {
  const folder = mkdtempSync(join(tmpdir(), 'campusmail-'));
  const system = await openSystem(testConfig(join(folder, 'data'), toml, auth), silentLog);
  t.after(async () => {
    try {
      await system.mailStore.checkInvariants();
    } finally {
      await system.close();
      rmSync(folder, { recursive: true, force: true });
    }
  });
  return {
    system,
    folder,
    async run(words, input = '') {
      const person = new Person(folder, input);
      const command = findCommand(words);
      const args = readArguments(command, words.slice(command.name.split(' ').length));
      if (command.needs !== 'store') throw new Error(`${command.name} needs no store`);
      const exit = await command.run(system, args, person);
      return { exit, out: person.output, err: person.errors };
    },
  };
}
