/** One request's calls, in order (RFC 8620 §3.3-3.7). */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { runActing } from '#audit/acting.ts';
import type { DelegatedAct } from '#audit/delegated-acts.ts';
import type { Invocation, Request, Response } from '#contract/jmap/core.ts';
import { check } from '#contract/jmap/values.ts';
import type { SharedAccount } from '#directory/delegation.ts';
import { JMAP_LIMITS } from '#jmap/limits.ts';
import { accessOf, findAccount, requireAccess } from './accounts.ts';
import { isMethodError, MethodError, RequestError, toMethodError } from './errors.ts';
import type { JmapCaller, JmapServices, Method, MethodContext } from './method.ts';
import { resolveReferences } from './references.ts';

export interface RequestSurroundings {
  readonly methods: ReadonlyMap<string, Method>;
  readonly capabilities: ReadonlySet<string>;
  readonly services: JmapServices;
  readonly caller: JmapCaller;
  readonly sessionState: string;
}

/** Throws RequestError. Calls that fail are answered with `error`; the others go on. */
export function processRequest(surroundings: RequestSurroundings, request: Request): Promise<Response> {
  const { accountId, login, remoteAddress } = surroundings.caller;
  const actor = { kind: 'account', accountId, name: login } as const;
  return runActing({ actor, via: 'web', remoteAddress }, () => process(surroundings, request));
}

async function process(surroundings: RequestSurroundings, request: Request): Promise<Response> {
  const { capabilities, services, caller, sessionState } = surroundings;
  const { accountId } = caller;
  const unknown = request.using.find((capability) => !capabilities.has(capability));
  if (unknown !== undefined) {
    throw new RequestError('urn:ietf:params:jmap:error:unknownCapability', `this server does not know ${unknown}`);
  }
  const queue: { readonly name: string; readonly args: Readonly<Record<string, unknown>> }[] = [];
  let turnEnds = services.clock.monotonic() + JMAP_LIMITS.turnMs;
  const context: MethodContext = {
    services,
    caller,
    accountId,
    account: await services.openAccount(accountId),
    share: undefined,
    using: new Set(request.using),
    createdIds: new Map(Object.entries(request.createdIds ?? {})),
    callAfter: (name, args) => void queue.push({ name, args }),
    async pause() {
      if (services.clock.monotonic() < turnEnds) return;
      await nextTurn();
      turnEnds = services.clock.monotonic() + JMAP_LIMITS.turnMs;
    },
  };
  const methodResponses: Invocation[] = [];
  for (const [name, args, callId] of request.methodCalls) {
    methodResponses.push([...(await call(surroundings, context, { name, args }, methodResponses)), callId]);
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      methodResponses.push([...(await call(surroundings, context, next, [])), callId]);
    }
    await context.pause();
  }
  return {
    methodResponses,
    // RFC 8620 §3.4: told to those who told theirs.
    ...(request.createdIds === undefined ? {} : { createdIds: Object.fromEntries(context.createdIds) }),
    sessionState,
  };
}

async function call(
  { methods, services }: RequestSurroundings,
  context: MethodContext,
  { name, args }: { readonly name: string; readonly args: Readonly<Record<string, unknown>> },
  responses: readonly Invocation[],
): Promise<[string, Record<string, unknown>]> {
  try {
    const method = methods.get(name);
    // RFC 8620 §3.3: what the request does not say it uses is not there.
    if (method === undefined || !context.using.has(method.capability)) throw new MethodError('unknownMethod');
    const checked = check(method.arguments, resolveReferences(args, responses));
    if (!checked.ok) throw new MethodError('invalidArguments', checked.why);
    const there = method.isOfAccount ? await inAccount(context, method, checked.value) : context;
    const result: Record<string, unknown> = { ...(await method.run(there, checked.value as never)) };
    if (there.share !== undefined && accessOf(method) === 'write') signChanges(there, name, result);
    return [name, result];
  } catch (error) {
    const known = toMethodError(error);
    if (known !== undefined) return ['error', { type: known.type, ...known.facts }];
    services.log.error({ err: error, method: name, accountId: context.accountId }, 'a JMAP method failed');
    return ['error', { type: 'serverFail', description: 'the server met a fault, which was logged' }];
  }
}

/** What is changed in the account of another bears the name of who did it. */
function signChanges(
  { services, caller, share }: MethodContext,
  method: string,
  result: Record<string, unknown>,
): void {
  if (share === undefined) return;
  for (const what of ['created', 'updated', 'destroyed', 'emptied']) {
    if (Object.keys(result[what] ?? {}).length === 0) continue;
    services.delegatedActs.note({ ...signatureOf(caller, share), act: `${method} ${what}` });
  }
}

function signatureOf(
  { accountId, login, remoteAddress }: MethodContext['caller'],
  share: SharedAccount,
): Omit<DelegatedAct, 'act'> {
  return { by: { accountId, login }, accountId: share.accountId, address: share.address, via: 'web', remoteAddress };
}

/** The context in the account that the arguments name. Throws `accountNotFound` and its like. */
async function inAccount(context: MethodContext, method: Method, args: unknown): Promise<MethodContext> {
  const { services, caller } = context;
  const { accountId: id } = args as { readonly accountId?: unknown };
  const accounts = { services, callerId: caller.accountId };
  let share: SharedAccount | null;
  try {
    share = await requireAccess(accounts, id, method);
  } catch (error) {
    if (isMethodError(error, 'accountReadOnly') || isMethodError(error, 'forbidden')) {
      const refusing = await findAccount(accounts, id);
      if (refusing)
        services.delegatedActs.note({ ...signatureOf(caller, refusing), act: method.name, isRefused: true });
    }
    throw error;
  }
  if (share === null) return context;
  const { accountId } = share;
  return { ...context, accountId, account: await services.openAccount(accountId), share };
}
