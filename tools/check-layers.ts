/**
 * `npm run layers`: reports every import and every global that breaks the table of layers.ts, every import cycle,
 * and every lint comment that would hide one. The looking is done by oxlint with lint/plugin.ts.
 */
import { execFile } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Finding {
  /** From the root. */
  readonly file: string;
  readonly line: number;
  /** `campusmail(floors)`, `import(no-cycle)`, … */
  readonly rule: string;
  readonly why: string;
}

const OXLINT = fileURLToPath(import.meta.resolve('oxlint/package.json')).replace(/package\.json$/, 'bin/oxlint');
const CONFIG = fileURLToPath(new URL('lint/layers.json', import.meta.url));
const FOLDERS = ['src', 'contract', 'web', 'test', 'tools'];

interface Report {
  readonly diagnostics: readonly {
    readonly message: string;
    readonly code?: string;
    readonly note?: string;
    readonly filename: string;
    readonly labels: readonly { readonly span: { readonly line: number } }[];
  }[];
}

/** All findings under `root`, sorted by place. Rejects when oxlint itself fails. */
export async function checkLayers(root: string): Promise<readonly Finding[]> {
  const { diagnostics } = JSON.parse(await runOxlint(root)) as Report;
  const findings = diagnostics.map((found) => ({
    file: found.filename,
    line: found.labels[0]?.span.line ?? 1,
    rule: found.code ?? 'syntax',
    why: found.note === undefined ? found.message : `${found.message}\n${found.note}`,
  }));
  findings.push(...findHiding(root));
  return findings.toSorted((a, b) => (a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1));
}

function runOxlint(root: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const options = { cwd: root, maxBuffer: 64 * 1024 * 1024 };
  const folders = FOLDERS.filter((folder) => existsSync(join(root, folder)));
  const args = [OXLINT, '--config', CONFIG, '--format', 'json', ...folders];
  execFile(process.execPath, args, options, (error, stdout, stderr) => {
    // Findings make it exit with 1 as well; a report is what tells them from a failure.
    if (stdout.startsWith('{')) resolve(stdout);
    else reject(new Error(`oxlint gave no report:\n${stdout}${stderr}`, { cause: error }));
  });
  return promise;
}

const DIRECTIVE = /(?:\/\/|\/\*)\s*(?:oxlint|eslint)-disable(?:-next-line|-line)?([^\n]*)/;

/** A lint comment must name its rules and give a reason, and may not name one of these. */
function findHiding(root: string): Finding[] {
  const findings: Finding[] = [];
  for (const file of globSync(`{${FOLDERS.join(',')}}/**/*.{ts,tsx}`, { cwd: root })) {
    const text = readFileSync(join(root, file), 'utf8');
    if (!text.includes('lint-disable')) continue;
    for (const [index, line] of text.split('\n').entries()) {
      const match = DIRECTIVE.exec(line);
      if (match === null) continue;
      const [rules = '', reason = ''] = (match[1] ?? '').replace(/\*\/\s*$/, '').split(/\s--\s/);
      const why = judgeDirective(rules.trim(), reason.trim());
      if (why !== undefined) findings.push({ file, line: index + 1, rule: 'campusmail(no-hiding)', why });
    }
  }
  return findings;
}

function judgeDirective(rules: string, reason: string): string | undefined {
  if (rules === '') return 'names no rule, so it hides everything: name the rule';
  if (/campusmail|no-cycle/.test(rules))
    return 'hides a finding about layers: change the code, or the table in tools/layers.ts';
  if (reason === '') return 'gives no reason: end it with ` -- reason`';
  return undefined;
}

if (import.meta.main) {
  const findings = await checkLayers(process.argv[2] ?? process.cwd());
  for (const { file, line, rule, why } of findings) console.log(`${file}:${line}  ${rule}  ${why}`);
  console.log(findings.length === 0 ? 'layers: clean' : `layers: ${findings.length} to mend`);
  process.exitCode = findings.length === 0 ? 0 : 1;
}
