/** Core/echo (RFC 8620 §4). */
import * as v from 'valibot';
import { CAPABILITIES } from '#contract/jmap/core.ts';
import { defineMethod } from '#jmap/core/method.ts';

export const coreEcho = defineMethod({
  name: 'Core/echo',
  capability: CAPABILITIES.core,
  arguments: v.record(v.string(), v.unknown()),
  isOfAccount: false,
  run: async (_, args) => args,
});
