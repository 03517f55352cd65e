// What the intents may change, stated without their code: for each kind, the JSON paths whose values may differ.
import { parse } from 'yaml';

export type Value = unknown;

/** Paths with list indices as `*`; `+` is an item that was added to a list at its end. */
const installed = {
  env: 'PILOT_HTTP10|SHARED_MESH_CONFIG',
  meshConfig: 'meshConfig\\.defaultConfig\\.proxyHeaders\\.preserveHttp1HeaderCase',
};
const values = (base: string): string[] => [
  `${base}(pilot\\.)?env\\.(${installed.env})`,
  `${base}${installed.meshConfig}`,
];
const envList = (base: string): string => `${base}\\.\\*\\.env\\.(\\+|\\*\\.value|\\*)`;
const pool = 'connectionPool\\.http\\.(http1MaxPendingRequests|http2MaxRequests)';
/** What a pod template may get: waiting for its proxy, in the text of an annotation. */
const waiting = (template: string): string =>
  `${template}metadata\\.annotations\\.proxy\\.istio\\.io/config\\.holdApplicationUntilProxyStarts`;
const podTemplate = 'spec\\.template\\.';
const directAccess = 'service\\.cloud\\.tencent\\.com/direct-access';
const allowed: Readonly<Record<string, readonly string[]>> = {
  Namespace: ['metadata\\.labels\\.(istio-injection|istio\\.io/rev)'],
  Service: [`metadata\\.annotations\\.${directAccess}`, 'spec\\.ports\\.\\*\\.appProtocol'],
  Gateway: [`metadata\\.annotations\\.${directAccess}`, 'spec\\.servers\\.\\*\\.hosts\\.\\+'],
  Pod: [waiting(''), 'metadata\\.(labels|annotations)\\.sidecar\\.istio\\.io/inject'],
  CronJob: [waiting(`spec\\.jobTemplate\\.${podTemplate}`), 'spec\\.suspend'],
  ...Object.fromEntries(
    ['StatefulSet', 'DaemonSet', 'ReplicaSet', 'ReplicationController', 'Job', 'DeploymentConfig', 'Rollout'].map(
      (kind) => [kind, [waiting(podTemplate)]],
    ),
  ),
  DestinationRule: [
    `spec\\.trafficPolicy\\.${pool}`,
    `spec\\.trafficPolicy\\.portLevelSettings\\.\\*\\.${pool}`,
    `spec\\.subsets\\.\\*\\.trafficPolicy\\.${pool}`,
    `spec\\.subsets\\.\\*\\.trafficPolicy\\.portLevelSettings\\.\\*\\.${pool}`,
  ],
  Sidecar: [`spec\\.inboundConnectionPool\\.http\\..*`, `spec\\.ingress\\.\\*\\.${pool}`],
  IstioOperator: [
    ...values('spec\\.values\\.'),
    `spec\\.${installed.meshConfig}`,
    'spec\\.components\\.pilot\\.k8s\\.env\\.(\\+|\\*\\.value)',
    'spec\\.unvalidatedValues\\..*',
    `spec\\.values\\.gateways\\.istio-ingressgateway\\.serviceAnnotations\\.${directAccess}`,
    `spec\\.components\\.ingressGateways\\.\\*\\.k8s\\.serviceAnnotations\\.${directAccess}`,
  ],
  Istio: values('spec\\.values\\.'),
  HelmRelease: values('spec\\.values\\.'),
  Application: values('spec\\.sources?(\\.\\*)?\\.helm\\.valuesObject\\.'),
  ApplicationSet: values('spec\\.template\\.spec\\.sources?(\\.\\*)?\\.helm\\.valuesObject\\.'),
  Deployment: [
    envList('spec\\.template\\.spec\\.containers'),
    waiting(podTemplate),
    `${podTemplate}metadata\\.(labels|annotations)\\.sidecar\\.istio\\.io/inject`,
  ],
  ConfigMap: [
    'data\\.mesh\\.defaultConfig\\.proxyHeaders\\.preserveHttp1HeaderCase',
    ...values('data\\.values\\.'),
    'data\\.meshmend.*',
  ],
  EnvoyFilter: [
    'spec\\.configPatches\\.\\*\\.match\\.listener\\.filterChain\\.filter\\.(subFilter\\.)?name',
    'spec\\.configPatches\\.\\*\\.patch\\.operation',
  ],
  VirtualService: ['spec\\.(hosts|gateways)\\.\\+'],
};

/** What differs between two documents and is not what the intents name. */
export function undueChanges(before: Value, after: Value): string[] {
  const [kind, other] = [kindOf(before), kindOf(after)];
  if (kind !== other) return [`kind ${kind} became ${other}`];
  if (kind.endsWith('List') && Array.isArray(at(before, 'items')))
    return (at(before, 'items') as Value[]).flatMap((item, index) =>
      undueChanges(item, (at(after, 'items') as Value[])[index]),
    );
  const paths = kind === 'VirtualService' ? undueRules(before, after) : pathsOf(before, after, []);
  const patterns = (allowed[kind] ?? []).map((pattern) => new RegExp(`^${pattern}$`));
  return paths.filter((path) => !patterns.some((pattern) => pattern.test(path))).map((path) => `${kind}: ${path}`);
}

/** Rules may change places and get `retries: {attempts: 0}`; all else is undue. */
function undueRules(before: Value, after: Value): string[] {
  const [old, now] = [at(before, 'spec', 'http'), at(after, 'spec', 'http')];
  const rest = pathsOf(without(before), without(after), []);
  if (!Array.isArray(old) || !Array.isArray(now)) return [...rest, ...pathsOf(old, now, ['spec', 'http'])];
  const left = old.map((rule) => ({ key: ruleKey(rule), retries: at(rule, 'retries') }));
  for (const rule of now) {
    const index = left.findIndex(({ key }) => key === ruleKey(rule));
    if (index === -1) rest.push(`a rule is new: ${ruleKey(rule)}`);
    const [was] = index === -1 ? [] : left.splice(index, 1);
    rest.push(...undueRetries(was?.retries, rule));
  }
  return [...rest, ...left.map(({ key }) => `a rule is lost: ${key}`)];
}

/** Retries may only be switched off, where nobody asked for them and the rule forwards requests. */
function undueRetries(was: Value, rule: Value): string[] {
  const retries = at(rule, 'retries');
  if (same(was, retries)) return [];
  const undue: string[] = [];
  if (!same(retries, { attempts: 0 })) undue.push(`retries became ${JSON.stringify(retries)}`);
  if (Number(at(was, 'attempts') ?? 0) > 0) undue.push('explicit retries were switched off');
  if (at(rule, 'redirect') || at(rule, 'directResponse')) undue.push('a rule that forwards nothing got retries');
  return undue;
}

function without(document: Value): Value {
  const copy = structuredClone(document) as { spec?: { http?: Value } };
  if (copy.spec && typeof copy.spec === 'object') delete copy.spec.http;
  return copy;
}

function ruleKey(rule: Value): string {
  if (typeof rule !== 'object' || rule === null) return JSON.stringify(rule);
  const { retries: _, ...rest } = rule as Record<string, Value>;
  return JSON.stringify(rest);
}

/** The paths at which two values differ; text that holds YAML is compared by what it holds. */
function pathsOf(before: Value, after: Value, path: readonly string[]): string[] {
  if (same(before, after)) return [];
  // What is new is compared with an empty value of its kind.
  const [oldMapping, oldList, oldText] = [before ?? {}, before ?? [], before ?? ''];
  if (isMapping(oldMapping) && isMapping(after)) return pathsOfMapping(oldMapping, after, path);
  if (Array.isArray(oldList) && Array.isArray(after)) return pathsOfList(oldList, after, path);
  if (typeof oldText === 'string' && typeof after === 'string') return pathsOfText(oldText, after, path);
  return [path.join('.')];
}

function pathsOfMapping(
  before: Record<string, Value>,
  after: Record<string, Value>,
  path: readonly string[],
): string[] {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].flatMap((key) => pathsOf(before[key], after[key], [...path, key]));
}

function pathsOfList(before: readonly Value[], after: readonly Value[], path: readonly string[]): string[] {
  if (after.length < before.length) return [`${path.join('.')} lost items`];
  return after.flatMap((item, index) =>
    index < before.length ? pathsOf(before[index], item, [...path, '*']) : [[...path, '+'].join('.')],
  );
}

function pathsOfText(before: string, after: string, path: readonly string[]): string[] {
  const mayHoldYaml = /\n|^\{/.test(after);
  if (mayHoldYaml) {
    const [old, now] = [parse(before), parse(after)];
    if (isMapping(now)) return pathsOf(old, now, path);
  }
  return [path.join('.')];
}

function same(a: Value, b: Value): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function isMapping(value: Value): value is Record<string, Value> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function kindOf(document: Value): string {
  const kind = at(document, 'kind');
  return typeof kind === 'string' ? kind : '';
}

function at(value: Value, ...path: readonly string[]): Value {
  return path.reduce<Value>((inner, key) => (isMapping(inner) ? inner[key] : undefined), value);
}
