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
  source: 'https://www.tencentcloud.com/document/product/457/36837',
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
