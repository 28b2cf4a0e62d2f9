import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { DIRECT, findRoute } from './routes.ts';
import type { Route } from './routes.ts';

const route = (...domains: string[]): Route => ({ domains, relays: [], security: 'opportunistic' });

describe('findRoute', () => {
  const exact = route('mail.example.org');
  const below = route('*.example.org');
  const org = route('*.org');
  const rest = route('*');
  const routes = [rest, org, below, exact];

  it('takes the route that names the domain most closely, whatever the order', () => {
    assert.equal(findRoute(routes, 'mail.example.org'), exact);
    assert.equal(findRoute(routes, 'other.example.org'), below);
    assert.equal(findRoute(routes, 'a.b.example.org'), below);
    assert.equal(findRoute(routes, 'example.org'), org);
    assert.equal(findRoute(routes, 'example.com'), rest);
  });

  it('sends straight out what no route names', () => {
    assert.equal(findRoute([exact], 'example.org'), DIRECT);
    assert.equal(findRoute([below], 'example.org'), DIRECT);
    assert.equal(findRoute([], '[192.0.2.1]'), DIRECT);
  });
});
