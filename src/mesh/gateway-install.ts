import { isObject, type Json, type JsonObject } from '../manifest/node.ts';
import type { Mesh } from './mesh.ts';
import { at, listAt, objectAt, stringAt } from './read.ts';
import type { Resource } from './resource.ts';
import { has } from './since.ts';
import { argoSources, argoValues, fluxChart, type ValuesRoot } from './surface/surface.ts';
import type { Version } from './version.ts';

/** Where an installation says how the Service of an ingress gateway is to be. */
export interface GatewayInstall {
  readonly resource: Resource;
  /** What people know the gateway by: `istio-ingressgateway`. */
  readonly gateway: string;
  /** The annotations of the Service, inside the resource or a text of it. */
  readonly annotations: ValuesRoot;
  /** `LoadBalancer` unless the installation says otherwise. */
  readonly type: string;
  readonly ports: readonly Json[];
  /** Annotations that Argo CD's Helm parameters set: they win over those in `annotations`. */
  readonly overrides?: JsonObject;
  /** True when the manifests do not mention this gateway, and the profile brings it. */
  readonly implied?: boolean;
  /** Gateways beside this one that whatever goes into `annotations` is for too. */
  readonly sharedWith?: readonly string[];
}

/** The ingress gateways that install resources of the input make, in input order. */
export function gatewayInstallsOf(mesh: Mesh, version: Version): GatewayInstall[] {
  return mesh.resources.flatMap((resource) => {
    switch (resource.kind) {
      case 'IstioOperator':
        return operatorGateways(resource, version);
      case 'HelmRelease':
        return chartGateway(
          resource,
          fluxSource(resource),
          { root: resource.value, path: ['spec', 'values'] },
          version,
        );
      case 'Application':
        return resource.group === 'argoproj.io' ? argoGateways(resource, ['spec'], version) : [];
      case 'ApplicationSet':
        return resource.group === 'argoproj.io' ? argoGateways(resource, ['spec', 'template', 'spec'], version) : [];
      case 'Gateway':
        return resource.group === 'gateway.networking.k8s.io' ? managedGateway(mesh, resource, version) : [];
      default:
        return [];
    }
  });
}

const defaultName = 'istio-ingressgateway';

/** Profiles that leave the ingress gateway of profile `default` on. Each of the others switches it off. */
const profilesWithGateway: readonly Json[] = ['default', 'demo', 'openshift', 'preview', 'stable'];

/**
 * The gateways that an IstioOperator lists, and the one that its profile brings: each profile is laid over `default`.
 * Since 1.24 a list replaces the profile's; before, lists are merged by the names of gateways.
 *
 * @see https://github.com/istio/istio/blob/1.31.0/operator/pkg/render/manifest.go `readProfile`
 * @see https://github.com/istio/istio/blob/1.23.0/operator/pkg/util/merge_iop.go `IngressGateways`
 */
function operatorGateways(resource: Resource, version: Version): GatewayInstall[] {
  const list = at(resource.value, 'spec', 'components', 'ingressGateways');
  const listed = listedGateways(resource);
  const isNamed = listAt(resource.value, 'spec', 'components', 'ingressGateways').some(
    (item) => (at(item, 'name') ?? defaultName) === defaultName,
  );
  if (Array.isArray(list) && (isNamed || has(version, 'gatewayListReplacesProfile'))) return listed;
  return [...listed, ...profileGateway(resource, listed)];
}

function operatorValues({ value }: Resource): JsonObject {
  return objectAt(value, 'spec', 'values', 'gateways', defaultName);
}

function listedGateways(resource: Resource): GatewayInstall[] {
  const root = resource.value;
  const values = operatorValues(resource);
  return listAt(root, 'spec', 'components', 'ingressGateways').flatMap((item, index) => {
    if (!isObject(item) || item['enabled'] === false) return [];
    const path = ['spec', 'components', 'ingressGateways', index, 'k8s', 'serviceAnnotations'];
    const service = objectAt(item, 'k8s', 'service');
    return [
      {
        resource,
        gateway: stringAt(item, 'name') ?? defaultName,
        annotations: { root, path },
        type: stringAt(service, 'type') ?? stringAt(values, 'type') ?? 'LoadBalancer',
        ports: listAt(service, 'ports'),
      },
    ];
  });
}

function profileGateway(resource: Resource, beside: readonly GatewayInstall[]): GatewayInstall[] {
  const root = resource.value;
  const values = operatorValues(resource);
  const profile = at(root, 'spec', 'profile') || 'default';
  if (values['enabled'] === false || !profilesWithGateway.includes(profile)) return [];
  return [
    {
      resource,
      gateway: defaultName,
      annotations: { root, path: ['spec', 'values', 'gateways', defaultName, 'serviceAnnotations'] },
      type: stringAt(values, 'type') ?? 'LoadBalancer',
      ports: listAt(values, 'ports'),
      implied: Object.keys(values).length === 0,
      sharedWith: beside.map(({ gateway }) => gateway),
    },
  ];
}

interface ChartSource {
  readonly chart: string;
  readonly repository: string;
  readonly release: string;
}

function fluxSource(resource: Resource): ChartSource {
  const { value } = resource;
  const repository =
    stringAt(value, 'spec', 'chart', 'spec', 'sourceRef', 'name') ?? stringAt(value, 'spec', 'chartRef', 'name') ?? '';
  const release = stringAt(value, 'spec', 'releaseName') ?? resource.name;
  return { chart: fluxChart(resource), repository, release };
}

function argoGateways(resource: Resource, spec: readonly string[], version: Version): GatewayInstall[] {
  return argoSources(resource, spec).flatMap((path) => {
    const source = objectAt(resource.value, ...path);
    const helm = objectAt(source, 'helm');
    const from: ChartSource = {
      chart: stringAt(source, 'chart') ?? stringAt(source, 'path') ?? '',
      repository: stringAt(source, 'repoURL') ?? '',
      release: stringAt(helm, 'releaseName') ?? resource.name,
    };
    const values = argoValues(resource.value, helm, [...path, 'helm']);
    return chartGateway(resource, from, values, version, parametersOf(helm));
  });
}

/**
 * Argo CD's Helm parameters by name, the last one of a name: `helm template --set`, which wins over all values.
 *
 * @see https://argo-cd.readthedocs.io/en/stable/user-guide/helm/#values `parameters > valuesObject > values > valueFiles`
 */
function parametersOf(helm: JsonObject): ReadonlyMap<string, Json> {
  return new Map(
    listAt(helm, 'parameters').flatMap((item): [string, Json][] => {
      const [name, value] = [at(item, 'name'), at(item, 'value')];
      return typeof name === 'string' && value !== undefined ? [[name, value]] : [];
    }),
  );
}

/** What parameters set right below a path; in their names a dot of a key is escaped: `annotations.example\\.com/a`. */
function parametersBelow(parameters: ReadonlyMap<string, Json>, path: readonly string[]): JsonObject {
  const prefix = `${path.join('.')}.`;
  const below = [...parameters].filter(([name]) => name.startsWith(prefix));
  return Object.fromEntries(below.map(([name, value]) => [name.slice(prefix.length).replace(/\\(.)/g, '$1'), value]));
}

/**
 * The gateway of a release of Istio's charts: `gateway`, whose Service takes its annotations from `service.annotations`
 * since 1.13 and only from `annotations` before, or the older `istio-ingress`.
 *
 * @see https://github.com/istio/istio/blob/1.31.0/manifests/charts/gateway/templates/service.yaml
 */
function chartGateway(
  resource: Resource,
  from: ChartSource,
  values: ValuesRoot,
  version: Version,
  parameters: ReadonlyMap<string, Json> = new Map(),
): GatewayInstall[] {
  const name = from.chart.replace(/\/+$/, '').split('/').at(-1) ?? '';
  const given = at(values.root, ...values.path);
  const gateway = String(parameters.get('name') ?? stringAt(given, 'name') ?? from.release);
  if (/egress/.test(gateway)) return [];
  const isOld = name === 'istio-ingress';
  const isNew =
    /^istio-(ingress)?gateway$/.test(name) || (name === 'gateway' && /istio/.test(from.chart + from.repository));
  if (!isOld && !isNew) return [];
  const key = isOld ? ['gateways', defaultName] : ['service'];
  const service = objectAt(given, ...key);
  const type = String(parameters.get([...key, 'type'].join('.')) ?? stringAt(service, 'type') ?? 'LoadBalancer');
  if (type === 'None') return [];
  const annotations = isOld
    ? [...key, 'serviceAnnotations']
    : has(version, 'gatewayChartServiceAnnotations')
      ? [...key, 'annotations']
      : ['annotations'];
  const place = { ...values, path: [...values.path, ...annotations] };
  const overrides = parametersBelow(parameters, annotations);
  return [{ resource, gateway, annotations: place, type, ports: listAt(service, 'ports'), overrides }];
}

/**
 * A Gateway of Gateway API for which istiod makes the Service. It copies `spec.infrastructure.annotations` where there
 * are any (Istio 1.21 and later), else the Gateway's own.
 *
 * @see https://istio.io/latest/docs/tasks/traffic-management/ingress/gateway-api/#deployment-methods
 */
function managedGateway(mesh: Mesh, resource: Resource, version: Version): GatewayInstall[] {
  const root = resource.value;
  const className = stringAt(root, 'spec', 'gatewayClassName');
  const isOurs = mesh.ofKind('GatewayClass', 'gateway.networking.k8s.io').some(({ name, value }) => {
    return name === className && stringAt(value, 'spec', 'controllerName') === 'istio.io/gateway-controller';
  });
  if (className !== 'istio' && !isOurs) return [];
  // With a hostname the Gateway is for a Service that somebody else made.
  if (listAt(root, 'spec', 'addresses').some((address) => at(address, 'type') === 'Hostname')) return [];
  const infrastructure = ['spec', 'infrastructure', 'annotations'];
  const hasOwn = has(version, 'infrastructureAnnotations') && Object.keys(objectAt(root, ...infrastructure)).length > 0;
  return [
    {
      resource,
      gateway: resource.name,
      annotations: { root, path: hasOwn ? infrastructure : ['metadata', 'annotations'] },
      type: stringAt(root, 'metadata', 'annotations', 'networking.istio.io/service-type') ?? 'LoadBalancer',
      ports: [],
    },
  ];
}
