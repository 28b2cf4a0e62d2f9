/** A small CAS server for tests: people sign in by a link, tickets are good once and for one service. */
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

export class CasServer {
  readonly #server: Server;
  readonly #tickets = new Map<string, { readonly service: string; readonly user: string }>();
  #issued = 0;
  /** Whoever is signed in there, in every browser. */
  user = '20050012';
  attributes: Readonly<Record<string, string>> = {};
  /** What it answers instead, when set. */
  lie: string | undefined;
  lastTicket = '';
  readonly loggedOut: string[] = [];
  readonly asked: string[] = [];

  constructor() {
    this.#server = createServer((request, response) => {
      const url = new URL(request.url ?? '', this.base);
      this.asked.push(url.pathname);
      const service = url.searchParams.get('service') ?? '';
      switch (url.pathname) {
        case '/cas/login':
          response.writeHead(302, { location: this.#grant(service) }).end();
          break;
        case '/cas/p3/serviceValidate':
          response.writeHead(200, { 'content-type': 'application/xml' });
          response.end(this.lie ?? this.#validate(url.searchParams.get('ticket') ?? '', service));
          break;
        case '/cas/logout':
          this.loggedOut.push(service);
          response.writeHead(200, { 'content-type': 'text/html' }).end('<p>signed out</p>');
          break;
        default:
          response.writeHead(404).end();
      }
    });
  }

  async listen(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  get base(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo | null)?.port ?? 0}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  /** CAS protocol §2.3.3. */
  static logoutRequest(ticket: string): string {
    return `<samlp:LogoutRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="LR-1" Version="2.0" IssueInstant="2026-09-16T10:00:00Z"><saml:NameID xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">@NOT_USED@</saml:NameID><samlp:SessionIndex>${ticket}</samlp:SessionIndex></samlp:LogoutRequest>`;
  }

  /** The page to come back to, with a ticket. */
  #grant(service: string): string {
    const ticket = `ST-${++this.#issued}-test`;
    this.lastTicket = ticket;
    this.#tickets.set(ticket, { service, user: this.user });
    const url = new URL(service);
    url.searchParams.set('ticket', ticket);
    return url.href;
  }

  #validate(ticket: string, service: string): string {
    const granted = this.#tickets.get(ticket);
    this.#tickets.delete(ticket);
    const wrap = (inside: string): string =>
      `<cas:serviceResponse xmlns:cas="http://www.yale.edu/tp/cas">${inside}</cas:serviceResponse>`;
    if (granted === undefined)
      return wrap('<cas:authenticationFailure code="INVALID_TICKET">no</cas:authenticationFailure>');
    if (granted.service !== service)
      return wrap('<cas:authenticationFailure code="INVALID_SERVICE">no</cas:authenticationFailure>');
    const attributes = Object.entries(this.attributes).map(([name, value]) => `<cas:${name}>${value}</cas:${name}>`);
    return wrap(
      `<cas:authenticationSuccess><cas:user>${granted.user}</cas:user><cas:attributes>${attributes.join('')}</cas:attributes></cas:authenticationSuccess>`,
    );
  }
}
