import type { JsonObject } from '../../manifest/node.ts';
import type { Operation } from '../../manifest/operation.ts';
import { pointer } from '../../manifest/pointer.ts';
import { isSelected, type Mesh } from '../../mesh/mesh.ts';
import { stringAt } from '../../mesh/read.ts';
import type { Resource } from '../../mesh/resource.ts';
import { defaultRetries, isOffInMesh, retryPolicyOf } from '../../mesh/retry-policy.ts';
import { atLeast, formatVersion, type Version } from '../../mesh/version.ts';
import {
  actionOf,
  delegateOf,
  type HttpRule,
  httpRulesOf,
  isDelegate,
  rootRulesOf,
  virtualServicesOf,
} from '../../mesh/virtual-service.ts';
import { skipOf } from '../../run/skip.ts';
import { planMeshConfig, surfaceParameter } from '../mechanisms/mesh-setting.ts';
import { type ParameterValues, selection } from '../parameter.ts';
import { defineRemedy, type Patch, type Step } from '../remedy.ts';
import { planServices } from './unrouted-services.ts';

const parameters = {
  ...selection,
  scope: {
    type: 'enum',
    values: ['routes', 'mesh'],
    default: 'routes',
    help: 'switch retries off in every route, or once in the mesh config (Istio 1.12 and later)',
  },
  explicit: {
    type: 'enum',
    values: ['keep', 'disable'],
    default: 'keep',
    help: 'what becomes of retries that a VirtualService asks for',
  },
  emit: {
    type: 'boolean',
    default: true,
    help: 'add a VirtualService for each HTTP Service without one (scope routes)',
  },
  ...surfaceParameter,
} as const;

type Settings = ParameterValues<typeof parameters>;

export default defineRemedy({
  id: 'disable-retries',
  title: 'Istio repeats failed requests by itself',
  summary: 'Switch off the retries that Istio makes by default',
  faq: 'Service Is Abnormal Due to a Retry Policy',
  source: 'https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPRetry',
  explanation: {
    symptoms: [
      'retry',
      'retries',
      'retry policy',
      'repeated',
      'duplicate',
      'twice',
      'idempotent',
      'double payment',
      'URX',
      'connect-failure',
      'refused-stream',
      'unavailable',
      'cancelled',
      'retriable-status-codes',
      'attempts',
      'defaultHttpRetryPolicy',
    ],
    symptom:
      'One request of a client reaches a service two or three times: a payment is booked twice, an order exists in copies.',
    cause:
      'Istio repeats a failed HTTP request up to two times, also for services without a VirtualService. A request that failed on the way back may have had its effect already, so what is not idempotent must not be repeated.',
    change:
      'Sets `retries: {attempts: 0}` on every route that forwards and has no policy of its own, in delegates too, and emits a VirtualService for HTTP services without one. `explicit: disable` switches off policies of your own as well; `scope: mesh` sets `defaultHttpRetryPolicy` once for all.',
    versions:
      'Up to 1.23 answers of 503 are repeated by default, since 1.24 only failed connections and gRPC failures are. The mesh-wide policy exists since 1.12. `attempts: 0` beside other retry settings is rejected by every version.',
    caution:
      'Without retries, clients see every connection that a restarting pod drops. Leave them on for services that only read.',
    check:
      '`istioctl proxy-config routes POD -o json` shows no `retryPolicy` for the host; the flag `URX` no longer stands in the access log.',
  },
  parameters,

  *plan(mesh, settings, { version, requested }) {
    if (requested) yield* planAll(mesh, settings, version);
    else yield* diagnose(planAll(mesh, settings, version), version);
  },
});

/** Retries by default are a choice, told of once; a policy that Istio rejects is a fault. */
function* diagnose(steps: Iterable<Step>, version: Version): Iterable<Step> {
  const retried = new Set<Resource>();
  for (const step of steps) {
    if (step.severity !== 'info' && step.resource?.kind === 'VirtualService') yield step;
    else if (step.outcome !== 'keep' && step.resource && !skipOf(step.resource, 'disable-retries'))
      retried.add(step.resource);
  }
  if (retried.size === 0) return;
  const [first] = retried;
  const others = retried.size === 1 ? '' : ` and ${retried.size - 1} more`;
  const message = `${defaultRetries(version)}: so it does for ${first?.kind} ${first?.name}${others}. Requests that must not be repeated want attempts: 0`;
  yield { severity: 'info', outcome: 'change', message, parameters: {} };
}

function* planAll(mesh: Mesh, settings: Settings, version: Version): Iterable<Step> {
  if (settings.scope === 'mesh') yield* planMesh(mesh, settings, version);
  const isOff = isOffInMesh(mesh, version);
  if (settings.scope === 'routes' && isOff) {
    yield {
      severity: 'info',
      outcome: 'keep',
      message: `The mesh config switches default retries off already (defaultHttpRetryPolicy), so routes and Services without retries of their own are left`,
    };
  }
  const byDefault = settings.scope === 'mesh' || isOff ? 'off' : 'on';
  for (const virtualService of virtualServicesOf(mesh)) {
    if (!isSelected(virtualService, settings)) continue;
    for (const rule of httpRulesOf(virtualService)) yield* planRule(mesh, rule, { ...settings, byDefault, version });
  }
  if (settings.emit && byDefault === 'on') yield* planServices(mesh, settings, version);
}

/** @see https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/ `defaultHttpRetryPolicy` */
function* planMesh(mesh: Mesh, { surface }: Settings, version: Version): Iterable<Step> {
  if (!atLeast(version, '1.12')) {
    yield {
      severity: 'error',
      outcome: 'refuse',
      message: `The mesh config has a default retry policy from Istio 1.12 only, and this is for ${formatVersion(version)}: use scope: routes`,
    };
    return;
  }
  yield* planMeshConfig(
    mesh,
    ['defaultHttpRetryPolicy'],
    { attempts: 0 },
    {
      version,
      surface,
      severity: 'info',
      why: defaultRetries(version),
      effect: 'istiod gives it to running proxies without a restart',
    },
  );
}

interface RuleSettings extends Settings {
  /** Whether a rule without `retries` is retried. */
  readonly byDefault: 'on' | 'off';
  readonly version: Version;
}

function* planRule(mesh: Mesh, rule: HttpRule, settings: RuleSettings): Iterable<Step> {
  const action = actionOf(rule);
  if (action !== 'route' && action !== 'delegate') return;
  const retries = retryPolicyOf(rule);
  switch (retries.kind) {
    case 'off':
      return;
    case 'unreadable':
      yield step(rule, 'warning', 'keep', 'The retries of this rule are no valid policy, so they are left as they are');
      return;
    case 'muddled': {
      const why = retries.rejected
        ? 'Istio rejects retry settings beside no attempts (attempts 0 or none means retries are off)'
        : 'Retries without attempts are off, whatever else they say';
      const message = `${why}: sets attempts: 0 and removes the other settings`;
      yield {
        ...step(rule, retries.rejected ? 'error' : 'info', 'change', message),
        patch: offPatch(rule, retries.value),
      };
      return;
    }
    case 'explicit': {
      const times = `${retries.attempts} ${retries.attempts === 1 ? 'retry' : 'retries'}`;
      if (settings.explicit === 'disable') {
        const others = Object.keys(retries.value).length > 1 ? ' and removes what is invalid beside it' : '';
        const message = `This rule asks for ${times}: sets attempts: 0${others}`;
        yield { ...step(rule, 'info', 'change', message), patch: offPatch(rule, retries.value) };
      } else {
        const message = `This rule asks for ${times} by its own policy, which stays; explicit: disable switches it off too`;
        yield step(rule, 'info', 'keep', message);
      }
      return;
    }
    case 'default':
      if (settings.byDefault === 'on') yield* planDefault(mesh, rule, settings);
  }
}

/** Plans for a rule without retries of its own: a delegate's rule has those of the rules that lead to it. */
function* planDefault(mesh: Mesh, rule: HttpRule, settings: RuleSettings): Iterable<Step> {
  if (actionOf(rule) === 'delegate') {
    const delegate = delegateOf(mesh, rule);
    if (delegate && isSelected(delegate, settings) && !inheritsExplicit(mesh, delegate, settings)) return;
    const name = stringAt(rule.value, 'delegate', 'name') ?? '';
    yield disabled(
      rule,
      `${defaultRetries(settings.version)}: sets attempts: 0 here, and the rules of delegate ${name} without retries of their own inherit it`,
    );
    return;
  }
  const roots = isDelegate(rule.virtualService) ? rootRulesOf(mesh, rule.virtualService) : [];
  const explicit = roots.find((root) => isKeptExplicit(root, settings));
  if (explicit) {
    const { name } = explicit.virtualService;
    const message = `This rule inherits explicit retries from VirtualService ${name}, which stay; explicit: disable switches them off too`;
    yield step(rule, 'info', 'keep', message);
    return;
  }
  if (roots.length > 0 && roots.every((root) => isOffAfter(root, settings))) return;
  yield disabled(rule, `${defaultRetries(settings.version)}: sets attempts: 0`);
}

function inheritsExplicit(mesh: Mesh, delegate: Resource, settings: RuleSettings): boolean {
  return rootRulesOf(mesh, delegate).some((root) => isKeptExplicit(root, settings));
}

function isKeptExplicit(rule: HttpRule, settings: RuleSettings): boolean {
  const isChanged = settings.explicit === 'disable' && isSelected(rule.virtualService, settings);
  return retryPolicyOf(rule).kind === 'explicit' && !isChanged;
}

/** True when a root's rule passes on retries that are off once this remedy has run. */
function isOffAfter(rule: HttpRule, settings: RuleSettings): boolean {
  const { kind } = retryPolicyOf(rule);
  if (kind === 'off') return true;
  return (kind === 'explicit' || kind === 'muddled') && isSelected(rule.virtualService, settings);
}

function step(
  { virtualService, index, value }: HttpRule,
  severity: Step['severity'],
  outcome: Step['outcome'],
  message: string,
): Step {
  const path = pointer('spec', 'http', index, ...('retries' in value ? ['retries'] : []));
  return { severity, outcome, message, resource: virtualService, path };
}

function disabled(rule: HttpRule, message: string): Step {
  const path = pointer('spec', 'http', rule.index, 'retries');
  const op = 'retries' in rule.value ? 'replace' : 'add';
  const operations: Operation[] = [{ op, path, value: { attempts: 0 } }];
  return { ...step(rule, 'info', 'change', message), patch: { resource: rule.virtualService, operations } };
}

/** Makes a `retries` block `attempts: 0` and nothing else. */
function offPatch({ virtualService, index }: HttpRule, retries: JsonObject): Patch {
  const base = ['spec', 'http', index, 'retries'] as const;
  const operations: Operation[] = [];
  if (!('attempts' in retries)) operations.push({ op: 'add', path: pointer(...base, 'attempts'), value: 0 });
  else if (retries['attempts'] !== 0) operations.push({ op: 'replace', path: pointer(...base, 'attempts'), value: 0 });
  for (const key of Object.keys(retries)) {
    if (key !== 'attempts') operations.push({ op: 'remove', path: pointer(...base, key) });
  }
  return { resource: virtualService, operations };
}
