import { isObject, type Json, type JsonObject } from '../manifest/node.ts';
import type { Mesh } from './mesh.ts';
import { facts, has, lastWithout } from './since.ts';
import { isGoFalse, istiodEnv } from './surface/env.ts';
import { meshConfigsOf } from './surface/mesh-config.ts';
import type { Version } from './version.ts';
import type { HttpRule } from './virtual-service.ts';

/**
 * What a rule's own `retries` come to:
 * - `default`: nothing is said, so it has those of the rule that delegates to it, else the mesh's
 * - `muddled`: off, but written so that Istio rejects it (`rejected`), or so that it reads as if it were on
 */
export type RetryPolicy =
  | { readonly kind: 'default' | 'off' | 'unreadable' }
  | { readonly kind: 'explicit'; readonly attempts: number; readonly value: JsonObject }
  | { readonly kind: 'muddled'; readonly rejected: boolean; readonly value: JsonObject };

/**
 * Reads the retry policy of an HTTP rule. `attempts` counts the retries after the first try; none given is 0.
 *
 * @see https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPRetry
 */
export function retryPolicyOf(rule: HttpRule): RetryPolicy {
  const value = rule.value['retries'];
  if (value === undefined || value === null) return { kind: 'default' };
  if (!isObject(value)) return { kind: 'unreadable' };
  const written = value['attempts'] ?? null;
  const attempts = Number(written);
  if (!Number.isInteger(attempts)) return { kind: 'unreadable' };
  if (attempts > 0) return { kind: 'explicit', attempts, value };
  const rejected = attempts < 0 || isRejectedWithoutAttempts(value);
  const readsAsOn = written === null && Object.keys(value).some((key) => key !== 'attempts');
  return rejected || readsAsOn ? { kind: 'muddled', rejected, value } : { kind: 'off' };
}

/** @see https://github.com/istio/istio/blob/1.31.0/pkg/config/validation/virtualservice.go `validateHTTPRetry` */
function isRejectedWithoutAttempts(retries: JsonObject): boolean {
  const { perTryTimeout = null, retryOn = null, retryRemoteLocalities = null } = retries;
  return perTryTimeout !== null || (retryOn !== null && retryOn !== '') || retryRemoteLocalities !== null;
}

/**
 * True when every mesh config in the input switches default retries off: no attempts, whatever else it says.
 *
 * @see https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/ `defaultHttpRetryPolicy`
 */
export function isOffInMesh(mesh: Mesh, version: Version): boolean {
  return has(version, 'defaultHttpRetryPolicy') && isPolicyOff(mesh, 'defaultHttpRetryPolicy');
}

function isPolicyOff(mesh: Mesh, field: 'defaultHttpRetryPolicy' | 'defaultInboundHttpRetryPolicy'): boolean {
  const policies = meshConfigsOf(mesh).map((config) => config[field]);
  const isOff = (policy: Json | undefined): boolean => isObject(policy) && !(Number(policy['attempts'] ?? 0) > 0);
  return policies.length > 0 && policies.every(isOff);
}

/** The environment variable of istiod that switches inbound retries off with "false". */
export const inboundRetryVariable = 'ENABLE_INBOUND_RETRY_POLICY';

/**
 * Where a version switches off the retries that sidecars make of requests to their own application: in the mesh config,
 * in istiod's environment, or nowhere.
 */
export function inboundRetrySwitch(version: Version): 'mesh-config' | 'environment' | 'none' {
  if (has(version, 'defaultInboundHttpRetryPolicy')) return 'mesh-config';
  return has(version, inboundRetryVariable) ? 'environment' : 'none';
}

/**
 * True when sidecars retry requests to their own application, and nothing in the input switches that off. Routes have no
 * say in it.
 *
 * @see https://github.com/istio/istio/blob/1.27.0/pilot/pkg/networking/core/route/route.go `BuildDefaultHTTPInboundRoute`
 */
export function retriesInbound(mesh: Mesh, version: Version): boolean {
  if (!has(version, 'inboundRetries')) return false;
  switch (inboundRetrySwitch(version)) {
    case 'mesh-config':
      return !isPolicyOff(mesh, 'defaultInboundHttpRetryPolicy');
    case 'environment':
      return !isGoFalse(istiodEnv(mesh, inboundRetryVariable, version) ?? '');
    case 'none':
      return true;
  }
}

/**
 * What Istio retries when no policy says otherwise, as a sentence.
 *
 * @see https://github.com/istio/istio/blob/1.31.0/pilot/pkg/networking/core/route/retry/retry.go
 */
export function defaultRetries(version: Version): string {
  const reasons = has(version, 'no503Retries')
    ? `after connection failures and some gRPC statuses (not after a plain 503, since Istio ${facts.no503Retries.since})`
    : `after connection failures, some gRPC statuses and every 503 (up to Istio ${lastWithout('no503Retries')})`;
  return `Istio retries failed requests up to twice by default, ${reasons}`;
}
