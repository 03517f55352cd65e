import { at, stringAt } from '../../mesh/read.ts';
import { namespaceOf } from '../../mesh/resource.ts';
import type { Entrance } from './entrances.ts';

/** What to allow, as far as the manifest sets it. */
export function allowance({ resource, ports }: Pick<Entrance, 'resource' | 'ports'>): string {
  const numbers = nodePorts(ports);
  const rule = "the nodes' security group must allow clients to reach";
  if (ports.length > 0 && numbers.length === ports.length) return `${rule} ${numbers.join(', ')}`;
  const command =
    resource.kind === 'Service'
      ? `kubectl -n ${namespaceOf(resource)} get service ${resource.name}`
      : 'kubectl get services -A';
  const known = numbers.length > 0 ? `${numbers.join(', ')} and the others` : 'those';
  return `${rule} ${known} that \`${command}\` shows (\`spec.ports[].nodePort\` sets one)`;
}

/** `TCP 31380`, for each port with a NodePort in the manifest. */
function nodePorts(ports: Entrance['ports']): string[] {
  return ports.flatMap((port) => {
    const number = at(port, 'nodePort');
    return typeof number === 'number' && number > 0 ? [`${stringAt(port, 'protocol') ?? 'TCP'} ${number}`] : [];
  });
}
