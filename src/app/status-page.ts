/** A plain page: where the servers are and how they are; at `/` while there is no webmail. */
import type { HttpRoute } from '#http/types.ts';
import type { ListenerName } from './config.ts';
import type { ListenerPlan } from './thread-messages.ts';

export interface StatusFacts {
  readonly hostname: string;
  readonly listeners: readonly ListenerPlan[];
  readonly startedAt: number;
  readonly now: number;
  /** What is wrong, in words; empty when all is well. */
  readonly troubles: readonly string[];
  readonly version: string;
}

const TITLES: Partial<Record<ListenerName, { readonly zh: string; readonly en: string; readonly security: string }>> = {
  imap: { zh: '收信（IMAP）', en: 'Reading mail, IMAP', security: 'STARTTLS' },
  imaps: { zh: '收信（IMAP，加密）', en: 'Reading mail, IMAP over TLS', security: 'TLS' },
  pop3: { zh: '收信（POP3）', en: 'Fetching mail, POP3', security: 'STLS' },
  pop3s: { zh: '收信（POP3，加密）', en: 'Fetching mail, POP3 over TLS', security: 'TLS' },
  submission: { zh: '发信（SMTP）', en: 'Sending mail, SMTP', security: 'STARTTLS' },
  submissions: { zh: '发信（SMTP，加密）', en: 'Sending mail, SMTP over TLS', security: 'TLS' },
  smtp: { zh: '来信（SMTP）', en: 'Mail from other servers, SMTP', security: 'STARTTLS' },
  lmtp: { zh: '来信（LMTP）', en: 'Mail from an MTA, LMTP', security: '—' },
};

const STYLE = `
:root { color-scheme: light dark; --ink: #1d2733; --soft: #5c6b7a; --line: #d9e0e7; --paper: #fbfcfd; --card: #fff; --accent: #1d5f8a; --good: #1f7a4d; --bad: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6ebf0; --soft: #9aa8b5; --line: #303a45; --paper: #12171d; --card: #1a2129; --accent: #7fb8dd; --good: #6fcf97; --bad: #ff8a80; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.65 "Noto Sans SC", "PingFang SC", "Microsoft YaHei", system-ui, sans-serif; }
main { max-width: 44rem; margin: 0 auto; padding: clamp(1.5rem, 6vw, 4.5rem) 1.25rem 3rem; }
h1 { margin: 0; font-size: 1.75rem; font-weight: 650; letter-spacing: .01em; }
h1 small { color: var(--soft); font-size: 1rem; font-weight: 400; margin-left: .5rem; }
.state { display: flex; align-items: baseline; gap: .6rem; margin: .75rem 0 2rem; color: var(--soft); }
.dot { flex: none; width: .65rem; height: .65rem; border-radius: 50%; background: var(--good); align-self: center; }
.bad .dot { background: var(--bad); }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .75rem; overflow: hidden; }
table { width: 100%; border-collapse: collapse; }
th, td { padding: .8rem 1.1rem; text-align: left; vertical-align: top; border-top: 1px solid var(--line); }
tr:first-child th, tr:first-child td { border-top: 0; }
th { font-weight: 500; }
th span { display: block; color: var(--soft); font-size: .8125rem; font-weight: 400; }
td { text-align: right; font-variant-numeric: tabular-nums; }
td code { font: .9375rem/1.65 ui-monospace, "SFMono-Regular", Menlo, Consolas, monospace; white-space: nowrap; }
td span { display: block; color: var(--soft); font-size: .8125rem; }
@media (max-width: 30rem) { th, td { padding: .7rem .8rem; } td code { font-size: .8125rem; } }
p { color: var(--soft); } a { color: var(--accent); }
footer { margin-top: 2rem; font-size: .8125rem; color: var(--soft); }
`;

/** The page at `paths`, its style sheet and `/healthz`, over facts asked for each time. */
export function statusRoutes(facts: () => Promise<StatusFacts>, paths: readonly string[] = ['/']): HttpRoute[] {
  return [
    ...paths.map((path): HttpRoute => ({
      method: 'GET',
      path,
      respond: async () => ({ status: 200, contentType: 'text/html; charset=utf-8', body: formatPage(await facts()) }),
    })),
    {
      method: 'GET',
      path: '/status.css',
      respond: () => ({ status: 200, contentType: 'text/css; charset=utf-8', body: STYLE }),
    },
    {
      method: 'GET',
      path: '/healthz',
      respond: async () => {
        const { troubles } = await facts();
        const body = `${JSON.stringify({ status: troubles.length === 0 ? 'ok' : 'failing', troubles })}\n`;
        return { status: troubles.length === 0 ? 200 : 503, contentType: 'application/json', body };
      },
    },
  ];
}

function formatPage(facts: StatusFacts): string {
  const isWell = facts.troubles.length === 0;
  const rows = facts.listeners.flatMap((plan) => {
    const title = TITLES[plan.name];
    if (title === undefined) return [];
    return `<tr><th scope="row">${title.zh}<span>${title.en}</span></th><td><code>${escapeHtml(formatHostPort(plan))}</code><span>${title.security}</span></td></tr>`;
  });
  const troubles = facts.troubles.map((trouble) => `<p role="alert">${escapeHtml(trouble)}</p>`).join('');
  return `<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>校园邮 campusmail · ${escapeHtml(facts.hostname)}</title>
<link rel="stylesheet" href="/status.css">
</head>
<body>
<main>
<h1>校园邮<small lang="en">campusmail</small></h1>
<div class="state${isWell ? '' : ' bad'}"><span class="dot"></span><span>${isWell ? '运行正常 · <span lang="en">All is well</span>' : '需要检查 · <span lang="en">Needs attention</span>'}</span></div>
${troubles}
<div class="card"><table>${rows.join('\n')}</table></div>
<p>客户端登录请填写完整的邮箱地址。<br><span lang="en">In mail programs, sign in with the full address.</span></p>
<footer>${escapeHtml(facts.hostname)} · ${escapeHtml(facts.version)} · 已运行 ${formatDuration(facts.now - facts.startedAt)}</footer>
</main>
</body>
</html>
`;
}

function formatHostPort({ host, port }: ListenerPlan): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

function formatDuration(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 1) return '不到 1 分钟';
  if (minutes < 60) return `${minutes} 分钟`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} 小时 ${minutes % 60} 分钟` : `${Math.floor(hours / 24)} 天 ${hours % 24} 小时`;
}

export function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
