import type { JsonObject } from '../../manifest/node.ts';
import type { Operation } from '../../manifest/operation.ts';
import { pointer } from '../../manifest/pointer.ts';
import type { HttpRule } from '../../mesh/virtual-service.ts';
import { type Change, edit } from '../../step.ts';
import type { Retrying } from './faults.ts';

/** Gives a rule without retries of its own `attempts: 0`. */
export function addNoRetries({ virtualService, index, value }: HttpRule, note = ''): Change {
  const path = pointer('spec', 'http', index, 'retries');
  const op = 'retries' in value ? 'replace' : 'add';
  const operations: Operation[] = [{ op, path, value: { attempts: 0 } }];
  return edit(`set \`attempts: 0\`${note}`, { resource: virtualService, operations });
}

/** Makes a rule's `retries` `attempts: 0` and nothing else. */
export function reduceToNoRetries({ rule: { virtualService, index }, retries }: Retrying): Change {
  const base = ['spec', 'http', index, 'retries'] as const;
  const others = Object.keys(retries).filter((key) => key !== 'attempts');
  const operations = [
    ...attemptsToZero(retries, base),
    ...others.map((key): Operation => ({ op: 'remove', path: pointer(...base, key) })),
  ];
  const fix = others.length > 0 ? 'set `attempts: 0` and remove the other settings' : 'set `attempts: 0`';
  return edit(fix, { resource: virtualService, operations });
}

function attemptsToZero(retries: JsonObject, base: readonly (string | number)[]): Operation[] {
  const path = pointer(...base, 'attempts');
  if (!('attempts' in retries)) return [{ op: 'add', path, value: 0 }];
  return retries['attempts'] === 0 ? [] : [{ op: 'replace', path, value: 0 }];
}
