import type { Mesh } from '../../mesh/mesh.ts';
import { isSelected } from '../../mesh/mesh.ts';
import type { Version } from '../../mesh/version.ts';
import { type ParameterValues, selection } from '../parameter.ts';
import { defineRemedy, type LegacyStep as Step } from '../remedy.ts';
import { directAccessSteps, globalRouteSteps } from './direct-access.ts';
import { entrancesOf } from './entrances.ts';
import { exposureFaults, reachFaults } from './faults.ts';
import { nodePortSteps } from './node-ports.ts';

const parameters = {
  ...selection,
  via: {
    type: 'enum',
    values: ['direct-access', 'node-ports'],
    default: 'direct-access',
    help: 'direct-access: the load balancer (CLB) of TKE reaches pods without NodePorts; node-ports: tells what the security group must allow',
  },
  network: {
    type: 'enum',
    values: ['vpc-cni', 'global-route'],
    help: 'network of the gateway pods; global-route switches direct access on for it in the service controller of TKE',
  },
} as const;

type Values = ParameterValues<typeof parameters>;

export default defineRemedy({
  id: 'expose-gateway',
  title: 'An ingress gateway cannot be reached from the public network',
  summary:
    'Let the load balancer of TKE reach gateway pods directly, past the security groups of nodes; or tell which NodePorts these must allow',
  faq: 'Failed to Access an Ingress Gateway from the Public Network',
  source: 'https://www.tencentcloud.com/document/product/457/36837',
  explanation: {
    symptoms: [
      'ingress gateway',
      'ingressgateway',
      'istio-ingressgateway',
      'public network',
      'access fails',
      'failed to access',
      'cannot be reached',
      'unreachable',
      'timeout',
      'timed out',
      'connection timed out',
      'connection refused',
      'ERR_CONNECTION_TIMED_OUT',
      'curl: (28)',
      'curl: (7)',
      'security group',
      'firewall',
      'inbound rule',
      'NodePort',
      '30000-32768',
      '30000-32767',
      'CLB',
      'load balancer',
      'LoadBalancer',
      'CLB-to-pod direct access',
      'direct-access',
      'service.cloud.tencent.com/direct-access',
      'VPC-CNI',
      'GlobalRouter',
      'GlobalRouteDirectAccess',
      'internal-subnetid',
      'EXTERNAL-IP',
      'health check',
      'IST0162',
      'GatewayPortNotDefinedOnService',
      'PILOT_SCOPE_GATEWAY_TO_NAMESPACE',
      'IST0101',
    ],
    symptom:
      'Requests from outside to the address of an ingress gateway time out or are refused, while the same request from a pod of the cluster is answered.',
    cause:
      "A load balancer of Tencent Cloud forwards to the NodePorts of the gateway's Service and keeps the client's address, so a security group of the nodes that does not allow clients to reach these ports drops everything. Others are a private load balancer, a Service that is none, a Gateway port that the Service lacks, and a selector that no pod has.",
    change:
      'Adds the annotation `service.cloud.tencent.com/direct-access: "true"` to the Services of gateways, or where IstioOperator, a HelmRelease, an Argo CD Application or a Gateway of Gateway API makes them. `network: global-route` also sets `GlobalRouteDirectAccess` in ConfigMap `tke-service-controller-config`. `via: node-ports` edits nothing and names the ports to allow.',
    versions:
      'The same for all versions of Istio. The `gateway` chart takes the annotation in `service.annotations` since 1.13, in `annotations` before; `spec.infrastructure.annotations` of a Gateway hides its own annotations since 1.21.',
    caution:
      'Direct access is a matter of TKE alone, and needs pods of VPC-CNI, or an account and a cluster in which GlobalRouter pods may be bound. The load balancer binds its backends anew, so connections break once. NodePorts stay open in the Service. An annotation for an internal subnet keeps the load balancer private whatever else is done.',
    check:
      "`curl -v http://ADDRESS/` from outside is answered, and the load balancer's backends in the console are the addresses of pods. `istioctl analyze` reports neither IST0162 nor IST0101.",
  },
  parameters,

  *plan(mesh, values, { version, requested }) {
    if (requested) yield* plan(mesh, values, version);
    else yield* [...exposureFaults(mesh, version), ...reachFaults(mesh, version)];
  },
});

function* plan(mesh: Mesh, values: Values, version: Version): Iterable<Step> {
  const { via, network } = values;
  if (via === 'node-ports' && network !== undefined) {
    yield {
      severity: 'error',
      outcome: 'refuse',
      message: 'network is for direct access, and via: node-ports goes without: set one of the two',
    };
    return;
  }
  const entrances = entrancesOf(mesh, version).filter(({ resource }) => isSelected(resource, values));
  if (entrances.length === 0) {
    yield {
      severity: 'warning',
      outcome: 'advise',
      message:
        "No Service of an ingress gateway is in the input, and nothing that installs one: add it to the PATHs, or set service.annotations in the values of Istio's gateway chart",
    };
  }
  if (via === 'node-ports') for (const entrance of entrances) yield* nodePortSteps(entrance);
  else {
    for (const entrance of entrances) yield* directAccessSteps(mesh, entrance, network);
    const isDirect = entrances.some(({ type, foreign }) => type === 'LoadBalancer' && foreign === undefined);
    if (network === 'global-route' && isDirect) yield* globalRouteSteps(mesh);
  }
  yield* reachFaults(mesh, version);
}
