import { at } from '../../mesh/read.ts';
import { placeIn } from '../../step.ts';
import { annotationOf, directAccess, type Entrance, isPlain } from './entrances.ts';
import { exposureFault } from './faults.ts';

/** Finds out whether clients reach an entrance through NodePorts. */
export function* findNodePorts(entrance: Entrance) {
  const { resource, type } = entrance;
  const where = { resource };
  if (type !== 'LoadBalancer' && type !== 'NodePort') yield exposureFault('no-node-ports', where, entrance);
  else if (annotationOf(entrance, directAccess) === 'true') yield exposureFault('direct-already', where, entrance);
  else if (type === 'LoadBalancer' && at(resource.value, 'spec', 'allocateLoadBalancerNodePorts') === false)
    yield exposureFault('node-ports-disabled', placeIn(resource, 'spec', 'allocateLoadBalancerNodePorts'), entrance);
  else {
    const reported = isPlain(entrance) ? 'folded' : 'when asked';
    yield exposureFault('behind-node-ports', { ...where, reported }, { entrance });
  }
}
