/** In place of people's telephones: what a server without a vendor of SMS has "sent", for this machine alone to read. */
import { isLoopback } from '#base/network-address.ts';
import { jsonAnswer, statusAnswer } from '#http/answers.ts';
import type { HttpRoute } from '#http/types.ts';
import type { Sms } from '#sms/sms.ts';
import { escapeHtml } from './status-page.ts';

export function outboxRoutes(sms: Pick<Sms, 'outbox'>): readonly HttpRoute[] {
  return [
    {
      method: 'GET',
      path: '/demo/outbox',
      respond: async ({ remoteAddress }) =>
        isLoopback(remoteAddress)
          ? { status: 200, contentType: 'text/html; charset=utf-8', body: formatPage(await sms.outbox()) }
          : statusAnswer(404),
    },
    {
      method: 'GET',
      path: '/demo/outbox.json',
      respond: async ({ remoteAddress }) =>
        isLoopback(remoteAddress) ? jsonAnswer(200, { messages: await sms.outbox() }) : statusAnswer(404),
    },
  ];
}

function formatPage(messages: Awaited<ReturnType<Sms['outbox']>>): string {
  const rows = messages.map(({ sentAt, phone, text }) => {
    const at = new Date(sentAt).toISOString();
    return `<tr><th scope="row">${escapeHtml(text)}<span><time datetime="${at}">${at.slice(11, 19)} UTC</time></span></th><td><code>${escapeHtml(phone)}</code></td></tr>`;
  });
  const none = '<tr><th scope="row">还没有短信<span lang="en">No SMS yet</span></th><td></td></tr>';
  return `<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="3">
<title>演示短信 · Demonstration SMS</title>
<link rel="stylesheet" href="/status.css">
</head>
<body>
<main>
<h1>演示短信<small lang="en">Demonstration SMS</small></h1>
<div class="state"><span>没有真的发出短信；本页每 3 秒刷新 · <span lang="en">nothing was really sent; this page reloads itself</span></span></div>
<div class="card"><table>${rows.length === 0 ? none : rows.join('\n')}</table></div>
</main>
</body>
</html>
`;
}
