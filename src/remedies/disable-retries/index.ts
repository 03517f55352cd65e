import { isSelected } from '../../mesh/mesh.ts';
import { stringAt } from '../../mesh/read.ts';
import { isOffInMesh, retriesInbound, retryPolicyOf } from '../../mesh/retry-policy.ts';
import { has } from '../../mesh/since.ts';
import {
  actionOf,
  delegateOf,
  type HttpRule,
  httpRulesOf,
  isDelegate,
  rootRulesOf,
  virtualServicesOf,
} from '../../mesh/virtual-service.ts';
import { keep, placeIn } from '../../step.ts';
import { meshConfigSteps } from '../mechanisms/mesh-setting.ts';
import { defineRemedy, type Target } from '../remedy.ts';
import { retryFault } from './faults.ts';
import { emittedBeside, switchOffInbound } from './inbound.ts';
import { parameters, type RetryParameters } from './parameters.ts';
import { addNoRetries, reduceToNoRetries } from './switch-off.ts';
import { emitVirtualService, findUnroutedServices } from './unrouted-services.ts';

type RetryTarget = Target<RetryParameters>;

export default defineRemedy({
  id: 'disable-retries',
  source: 'https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPRetry',
  parameters,
  faults: retryFault,

  *find(target) {
    const { mesh, version, parameters } = target;
    const isOff = isOffInMesh(mesh, version);
    if (parameters.scope === 'mesh') yield findInMesh(target);
    else if (isOff) yield retryFault('off-in-mesh', {});
    yield* findInbound(target);
    const isByDefault = parameters.scope === 'routes' && !isOff;
    for (const virtualService of virtualServicesOf(mesh)) {
      for (const rule of httpRulesOf(virtualService)) yield* findInRule(rule, target, isByDefault);
    }
    if (parameters.emit && isByDefault) yield* findUnroutedServices(mesh, version);
  },

  fix: {
    'default-retries': ({ data: { version, what } }, { mesh }) => {
      if ('service' in what) return emitVirtualService(mesh, what.service, what.ports, version);
      const note = 'delegate' in what ? `, which the rules of delegate ${what.delegate} inherit` : '';
      return addNoRetries(what.rule, note);
    },
    'default-retries-of-mesh': (_, target) => {
      const { mesh, version, parameters } = target;
      const effect = 'istiod gives it to running proxies without a restart';
      const plan = { version, surface: parameters.surface, effect, beside: emittedBeside(target) };
      return meshConfigSteps(mesh, ['defaultHttpRetryPolicy'], { attempts: 0 }, plan);
    },
    'inbound-retries': (_, target) => switchOffInbound(target),
    'rejected-retries': ({ data }) => reduceToNoRetries(data),
    'retries-without-attempts': ({ data }) => reduceToNoRetries(data),
    'unreadable-retries': () => keep('It is left as it is', { severity: 'warning' }),
    'explicit-retries': ({ data }, { parameters: { explicit } }) =>
      explicit === 'disable' ? reduceToNoRetries(data) : keep('It stays; `explicit: disable` switches it off too'),
  },
});

/** @see https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/ `defaultHttpRetryPolicy` */
function findInMesh({ version }: RetryTarget) {
  return has(version, 'defaultHttpRetryPolicy')
    ? retryFault('default-retries-of-mesh', {}, version)
    : retryFault('no-mesh-policy', {}, version);
}

/** One for the whole mesh: no resource decides about inbound retries. */
function* findInbound({ mesh, version, parameters }: RetryTarget) {
  if (retriesInbound(mesh, version)) yield retryFault('inbound-retries', {});
  else if (parameters.inbound === 'disable' && !has(version, 'inboundRetries'))
    yield retryFault('no-inbound-retries', {});
}

/** @param isByDefault - true when a rule without `retries` is retried */
function* findInRule(rule: HttpRule, target: RetryTarget, isByDefault: boolean) {
  const action = actionOf(rule);
  if (action !== 'route' && action !== 'delegate') return;
  const where = placeOf(rule);
  const policy = retryPolicyOf(rule);
  if (policy.kind === 'unreadable') yield retryFault('unreadable-retries', where);
  else if (policy.kind === 'muddled') {
    const code = policy.rejected ? 'rejected-retries' : 'retries-without-attempts';
    yield retryFault(code, where, { rule, retries: policy.value });
  } else if (policy.kind === 'explicit') {
    yield retryFault('explicit-retries', where, { rule, retries: policy.value, attempts: policy.attempts });
  } else if (policy.kind === 'default' && isByDefault) {
    yield* action === 'delegate' ? findInDelegation(rule, target) : findInRoute(rule, target);
  }
}

/** The rules of a delegate have the retries of the rule that delegates, unless they have their own. */
function* findInDelegation(rule: HttpRule, { mesh, version, parameters }: RetryTarget) {
  const delegate = delegateOf(mesh, rule);
  const isFixedThere = delegate && isSelected(delegate, parameters);
  if (isFixedThere && !rootRulesOf(mesh, delegate).some((root) => keepsRetries(root, parameters))) return;
  const name = stringAt(rule.value, 'delegate', 'name') ?? '';
  yield retryFault('default-retries', placeOf(rule), { version, what: { rule, delegate: name } });
}

function* findInRoute(rule: HttpRule, { mesh, version, parameters }: RetryTarget) {
  const roots = isDelegate(rule.virtualService) ? rootRulesOf(mesh, rule.virtualService) : [];
  const kept = roots.find((root) => keepsRetries(root, parameters));
  if (kept) yield retryFault('inherited-retries', placeOf(rule), kept.virtualService.name);
  else if (roots.length === 0 || !roots.every((root) => isOffAfter(root, parameters)))
    yield retryFault('default-retries', placeOf(rule), { version, what: { rule } });
}

function keepsRetries(rule: HttpRule, parameters: RetryTarget['parameters']): boolean {
  const isChanged = parameters.explicit === 'disable' && isSelected(rule.virtualService, parameters);
  return retryPolicyOf(rule).kind === 'explicit' && !isChanged;
}

/** True when a root's rule passes on retries that are off once this remedy has run. */
function isOffAfter(rule: HttpRule, parameters: RetryTarget['parameters']): boolean {
  const { kind } = retryPolicyOf(rule);
  if (kind === 'off') return true;
  return (kind === 'explicit' || kind === 'muddled') && isSelected(rule.virtualService, parameters);
}

function placeOf({ virtualService, index, value }: HttpRule) {
  return placeIn(virtualService, 'spec', 'http', index, ...('retries' in value ? ['retries'] : []));
}
