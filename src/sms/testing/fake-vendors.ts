/**
 * A server that speaks as Aliyun's and Tencent's do: it checks their signatures as their manuals describe them, not as
 * their clients compute them, and answers what it is told to, errors, garbage and silence included.
 */
import { createHash, createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { AliyunSettings } from '#sms/providers/aliyun.ts';
import type { TencentSettings } from '#sms/providers/tencent.ts';

/** How the next calls that send are answered. `silent`: sent, and no answer comes; `garbage`: what is no JSON. */
export type FakeAnswer = { readonly code: string; readonly message?: string } | 'silent' | 'garbage' | 'fault';

export interface FakeVendor {
  /** What was asked to be sent, with a right signature, in order. */
  readonly sent: { readonly phone: string; readonly template: string; readonly values: string; readonly id: string }[];
  /** Actions asked, sent or not. */
  readonly actions: string[];
  answer: FakeAnswer;
  /** Whether receipts tell of what was sent. */
  tellsReceipts: boolean;
}

export interface FakeVendors {
  readonly aliyun: FakeVendor;
  readonly tencent: FakeVendor;
  readonly aliyunSettings: AliyunSettings;
  readonly tencentSettings: TencentSettings;
  close(): Promise<void>;
}

const SECRET = 'secret-of-the-school';
const TIMEOUT_MS = 400;

export async function openFakeVendors(): Promise<FakeVendors> {
  const aliyun = newVendor('OK');
  const tencent = newVendor('Ok');
  const server = createServer((request, response) => {
    void readAll(request).then((body) => {
      if (request.headers['x-tc-action'] === undefined) answerAliyun(aliyun, request, response, body);
      else answerTencent(tencent, request, response, body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    aliyun,
    tencent,
    aliyunSettings: {
      endpoint,
      protocol: 'HTTP',
      accessKeyId: 'LTAI-of-the-school',
      accessKeySecret: SECRET,
      signName: '云岭理工大学',
      templates: { code: 'SMS_1', passwordChanged: 'SMS_2' },
      timeoutMs: TIMEOUT_MS,
    },
    tencentSettings: {
      endpoint,
      protocol: 'http://',
      region: 'ap-guangzhou',
      secretId: 'AKID-of-the-school',
      secretKey: SECRET,
      sdkAppId: '1400006666',
      signName: '云岭理工大学',
      templates: { code: '101', passwordChanged: '102' },
      timeoutMs: TIMEOUT_MS,
    },
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function newVendor(code: string): FakeVendor {
  return { sent: [], actions: [], answer: { code }, tellsReceipts: false };
}

async function readAll(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
}

/** ACS3-HMAC-SHA256, "V3 request structure and signature". */
function answerAliyun(vendor: FakeVendor, request: IncomingMessage, response: ServerResponse, body: string): void {
  const url = new URL(request.url ?? '/', 'http://fake');
  const query = [...url.searchParams].map(([name, value]) => `${percent(name)}=${percent(value)}`).toSorted();
  const authorization = request.headers.authorization ?? '';
  const signedHeaders = /SignedHeaders=([^,]+)/.exec(authorization)?.[1] ?? '';
  const canonicalHeaders = signedHeaders.split(';').map((name) => `${name}:${String(request.headers[name]).trim()}\n`);
  const canonical = [
    request.method,
    url.pathname,
    query.join('&'),
    canonicalHeaders.join(''),
    signedHeaders,
    sha256(body),
  ].join('\n');
  const signature = createHmac('sha256', SECRET)
    .update(`ACS3-HMAC-SHA256\n${sha256(canonical)}`)
    .digest('hex');
  if (!authorization.endsWith(`Signature=${signature}`) || !signedHeaders.includes('x-acs-action'))
    return json(response, 400, { Code: 'SignatureDoesNotMatch', Message: 'no', RequestId: 'R' });
  const action = String(request.headers['x-acs-action']);
  vendor.actions.push(action);
  const field = (name: string): string => url.searchParams.get(name) ?? '';
  if (action === 'QuerySendDetails') {
    const mine = vendor.sent.filter(({ phone }) => phone === field('PhoneNumber'));
    const details = mine.map(({ phone, id }) => ({ PhoneNum: phone, OutId: id, SendStatus: 3 }));
    return json(response, 200, {
      Code: 'OK',
      RequestId: 'R',
      SmsSendDetailDTOs: { SmsSendDetailDTO: vendor.tellsReceipts ? details : [] },
    });
  }
  if (action !== 'SendSms') return json(response, 404, { Code: 'InvalidAction.NotFound', RequestId: 'R' });
  const { answer } = vendor;
  if (answer === 'silent' || answer === 'garbage' || (answer !== 'fault' && answer.code === 'OK')) {
    vendor.sent.push({
      phone: field('PhoneNumbers'),
      template: field('TemplateCode'),
      values: field('TemplateParam'),
      id: field('OutId'),
    });
  }
  if (answer === 'silent') return undefined;
  if (answer === 'garbage') return garbage(response);
  if (answer === 'fault') return json(response, 503, { Code: 'ServiceUnavailable', Message: 'later', RequestId: 'R' });
  const { code, message = code } = answer;
  return json(response, 200, {
    Code: code,
    Message: message,
    RequestId: 'R',
    ...(code === 'OK' ? { BizId: `biz-${vendor.sent.length}` } : {}),
  });
}

/** TC3-HMAC-SHA256, "Signature v3". */
function answerTencent(vendor: FakeVendor, request: IncomingMessage, response: ServerResponse, body: string): void {
  const { headers } = request;
  const authorization = headers.authorization ?? '';
  const scope = /Credential=[^/]+\/([^,]+)/.exec(authorization)?.[1] ?? '';
  const signedHeaders = /SignedHeaders=([^,]+)/.exec(authorization)?.[1] ?? '';
  // Its host has the usual port, which stands in no Host.
  const valueOf = (name: string): string => String(headers[name]).replace(name === 'host' ? /:\d+$/ : '', '');
  const canonicalHeaders = signedHeaders.split(';').map((name) => `${name}:${valueOf(name).trim()}\n`);
  const canonical = ['POST', '/', '', canonicalHeaders.join('').toLowerCase(), signedHeaders, sha256(body)].join('\n');
  const [date = '', service = ''] = scope.split('/');
  const text = `TC3-HMAC-SHA256\n${String(headers['x-tc-timestamp'])}\n${scope}\n${sha256(canonical)}`;
  const mac = (key: string | Buffer, part: string): Buffer => createHmac('sha256', key).update(part).digest();
  const signature = mac(mac(mac(mac(`TC3${SECRET}`, date), service), 'tc3_request'), text).toString('hex');
  const refuse = (Code: string): void =>
    json(response, 200, { Response: { Error: { Code, Message: Code }, RequestId: 'R' } });
  if (!authorization.endsWith(`Signature=${signature}`)) return refuse('AuthFailure.SignatureFailure');
  const action = String(headers['x-tc-action']);
  vendor.actions.push(action);
  const asked = JSON.parse(body) as Readonly<Record<string, string>> & {
    readonly PhoneNumberSet?: readonly string[];
    readonly TemplateParamSet?: readonly string[];
  };
  if (action === 'PullSmsSendStatusByPhoneNumber') {
    const mine = vendor.sent.filter(({ phone }) => phone === asked['PhoneNumber']);
    const statuses = mine.map(({ id }) => ({ SessionContext: id, ReportStatus: 'SUCCESS' }));
    return json(response, 200, {
      Response: { PullSmsSendStatusSet: vendor.tellsReceipts ? statuses : [], RequestId: 'R' },
    });
  }
  const [phone = ''] = asked.PhoneNumberSet ?? [];
  const { answer } = vendor;
  if (answer === 'silent' || answer === 'garbage' || (answer !== 'fault' && answer.code === 'Ok')) {
    vendor.sent.push({
      phone,
      template: asked['TemplateId'] ?? '',
      values: JSON.stringify(asked.TemplateParamSet),
      id: asked['SessionContext'] ?? '',
    });
  }
  if (answer === 'silent') return undefined;
  if (answer === 'garbage') return garbage(response);
  if (answer === 'fault') return refuse('InternalError.OtherError');
  const { code } = answer;
  // What is wrong with the call is an error of the whole; with the number, of its status.
  if (/^(?:UnauthorizedOperation|AuthFailure|RequestLimitExceeded)/.test(code)) return refuse(code);
  return json(response, 200, {
    Response: {
      SendStatusSet: [{ SerialNo: `serial-${vendor.sent.length}`, PhoneNumber: phone, Fee: 1, Code: code }],
      RequestId: 'R',
    },
  });
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function garbage(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end('<html>502 Bad Gateway');
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** RFC 3986 §2.3: all but the unreserved. */
function percent(text: string): string {
  return encodeURIComponent(text).replaceAll(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}
