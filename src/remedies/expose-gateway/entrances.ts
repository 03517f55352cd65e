import { isObject, type Json, type JsonObject } from '../../manifest/node.ts';
import { gatewayInstallsOf } from '../../mesh/gateway-install.ts';
import { gatewayServicesOf, serviceType } from '../../mesh/gateway-service.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import { at, listAt, stringAt } from '../../mesh/read.ts';
import type { Resource } from '../../mesh/resource.ts';
import type { ValuesRoot } from '../../mesh/surface/surface.ts';
import type { Version } from '../../mesh/version.ts';

/** The way into a mesh: the Service of an ingress gateway, or what makes one. */
export interface Entrance {
  readonly resource: Resource;
  /** `Service istio-ingressgateway`, `gateway istio-ingressgateway of IstioOperator shop`. */
  readonly name: string;
  /** Of the Service. */
  readonly annotations: ValuesRoot;
  /** Annotations that something stronger sets. */
  readonly overrides?: JsonObject;
  readonly type: string;
  readonly ports: readonly Json[];
  /** What shows that the load balancer is not TKE's: `annotation …`, `loadBalancerClass …`. */
  readonly foreign: string | undefined;
  /** True when it is not in the input, but comes from a profile. */
  readonly implied?: boolean;
  /** Gateways beside this one that would get its annotations too. */
  readonly sharedWith?: readonly string[];
}

export const directAccess = 'service.cloud.tencent.com/direct-access';
export const internalSubnet = 'service.kubernetes.io/qcloud-loadbalancer-internal-subnetid';

/** All entrances of the input: Services first, then what makes them. */
export function entrancesOf(mesh: Mesh, version: Version): Entrance[] {
  const services = gatewayServicesOf(mesh).map((resource) => ({
    resource,
    name: `Service ${resource.name}`,
    annotations: { root: resource.value, path: ['metadata', 'annotations'] },
    type: serviceType(resource),
    ports: listAt(resource.value, 'spec', 'ports'),
  }));
  const installs = gatewayInstallsOf(mesh, version).map(({ gateway, ...install }) => {
    const { kind, name } = install.resource;
    return { ...install, name: kind === 'Gateway' ? `Gateway ${name}` : `gateway ${gateway} of ${kind} ${name}` };
  });
  return [...services, ...installs].map((entrance) => ({ ...entrance, foreign: foreignMark(entrance) }));
}

/** The value of an annotation of the Service. */
export function annotationOf({ annotations, overrides }: Annotated, key: string): Json | undefined {
  return at(overrides, key) ?? at(annotations.root, ...annotations.path, key);
}

type Annotated = Pick<Entrance, 'annotations' | 'overrides'>;

/** True when direct access is on: any other value leaves it off. */
export function isDirect(entrance: Annotated): boolean {
  return String(annotationOf(entrance, directAccess)) === 'true';
}

/** True when the input asks for a load balancer, and not for one of another cloud. */
export function isPlain({ type, foreign, implied }: Entrance): boolean {
  return type === 'LoadBalancer' && foreign === undefined && !implied;
}

/** True when its load balancer has an address of a private subnet only. */
export function isPrivate(entrance: Annotated): boolean {
  const subnet = annotationOf(entrance, internalSubnet);
  return subnet !== undefined && subnet !== '';
}

/** Words in the names of annotations that are for other clouds, and for load balancers without a cloud. */
const otherClouds =
  /aws|azure|gke|google|alibaba|alicloud|aliyun|openstack|oraclecloud|digitalocean|hetzner|hcloud|metallb|linode|vultr|huawei|ibm|yandex|scaleway|exoscale|kube-vip|ovh|equinix|cilium|purelb|nutanix|vsphere|baidu|volcengine/;

function foreignMark({ annotations, overrides, resource }: Annotated & Pick<Entrance, 'resource'>): string | undefined {
  const found = at(annotations.root, ...annotations.path);
  const keys = Object.keys({ ...(isObject(found) ? found : {}), ...overrides });
  const mark = keys.find((key) => otherClouds.test(key) && !key.startsWith('external-dns.'));
  if (mark !== undefined) return `annotation ${mark}`;
  const loadBalancer = stringAt(resource.value, 'spec', 'loadBalancerClass');
  return loadBalancer === undefined || /tencent|qcloud|tke/.test(loadBalancer)
    ? undefined
    : `loadBalancerClass ${loadBalancer}`;
}
