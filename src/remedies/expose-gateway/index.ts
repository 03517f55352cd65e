import { isSelected } from '../../mesh/mesh.ts';
import { quote } from '../mechanisms/unquoted.ts';
import { selection } from '../parameter.ts';
import { defineRemedy } from '../remedy.ts';
import {
  annotate,
  findFaultyAnnotation,
  findGlobalRoute,
  findIndirect,
  findPrivate,
  findUnquotedSwitch,
  isOfTke,
  switchOnGlobalRoute,
} from './direct-access.ts';
import { directAccess, entrancesOf } from './entrances.ts';
import { exposureFault } from './faults.ts';
import { findNodePorts } from './node-ports.ts';
import { findUnreached } from './reach.ts';

const parameters = {
  ...selection,
  via: {
    type: 'enum',
    values: ['direct-access', 'node-ports'],
    default: 'direct-access',
    help: 'direct-access: the load balancer (CLB) of TKE reaches pods without NodePorts; node-ports: reports what the security group must allow',
  },
  network: {
    type: 'enum',
    values: ['vpc-cni', 'global-route'],
    help: 'network of the gateway pods; global-route switches direct access on for it in the service controller of TKE',
  },
} as const;

export default defineRemedy({
  id: 'expose-gateway',
  source: 'https://www.tencentcloud.com/document/product/457/36837',
  parameters,
  faults: exposureFault,

  *find({ mesh, version, parameters: settings }) {
    const { via, network } = settings;
    const isDirect = via === 'direct-access';
    const entrances = entrancesOf(mesh, version);
    const selected = entrances.filter(({ resource }) => isSelected(resource, settings));
    for (const entrance of entrances) yield* findFaultyAnnotation(entrance, isDirect);
    yield* findUnquotedSwitch(mesh);
    for (const entrance of entrances) yield* findPrivate(entrance);
    if (!isDirect && network !== undefined) yield exposureFault('network-without-direct-access', {});
    else {
      if (selected.length === 0) yield exposureFault('no-gateway-service', {});
      for (const entrance of entrances)
        yield* isDirect ? findIndirect(mesh, entrance, network) : findNodePorts(entrance);
      if (network === 'global-route' && selected.some(isOfTke)) yield* findGlobalRoute(mesh);
    }
    yield* findUnreached(mesh, version);
  },

  fix: {
    'behind-node-ports': ({ data }, { parameters: { network } }) => annotate(data, network),
    'unquoted-direct-access': ({ resource, data: { canQuote } }) =>
      resource && canQuote ? quote(resource, ['metadata', 'annotations', directAccess], 'true') : undefined,
    'no-global-route': (_, { mesh }) => switchOnGlobalRoute(mesh),
  },
});
