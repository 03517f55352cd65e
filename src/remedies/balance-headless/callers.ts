import { pointer } from '../../manifest/pointer.ts';
import { hostCovers } from '../../mesh/host.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import { listAt } from '../../mesh/read.ts';
import { namespaceOf, type Resource } from '../../mesh/resource.ts';
import { routesTo } from '../../mesh/route-destination.ts';
import { serviceHost } from '../../mesh/service.ts';
import type { LegacyStep as Step } from '../remedy.ts';

/** Tells of what names the headless Service, and may have to name the twin. */
export function* callerSteps(mesh: Mesh, headless: Resource, twin: string): Iterable<Step> {
  const host = serviceHost(headless);
  for (const resource of new Set(
    routesTo(mesh, host)
      .filter(({ sidecars }) => sidecars)
      .map((route) => route.resource),
  )) {
    const message = `${resource.kind} ${resource.name} sends to headless Service ${headless.name}. It is left, because requests to single pods (POD.${headless.name}) take it too: name ${twin} there if no client addresses a single pod`;
    yield { severity: 'info', outcome: 'advise', message, resource, path: pointer('spec') };
  }
  for (const sidecar of mesh.ofKind('Sidecar', 'networking.istio.io')) {
    const own = namespaceOf(sidecar);
    const hosts = listAt(sidecar.value, 'spec', 'egress').flatMap((egress) => listAt(egress, 'hosts'));
    const names = hosts.flatMap((entry) => (typeof entry === 'string' ? importedName(entry, own, headless) : []));
    if (!names.includes(host) || names.some((name) => name !== host && hostCovers(name, host))) continue;
    const message = `Sidecar ${sidecar.name} lets its workloads reach ${host} by name: add ${twin} to the same egress hosts`;
    yield { severity: 'warning', outcome: 'advise', message, resource: sidecar, path: pointer('spec', 'egress') };
  }
}

/** The host that `NAMESPACE/HOST` of a Sidecar imports, when the namespace is that of the Service. */
function importedName(entry: string, own: string, service: Resource): string[] {
  const [namespace = '', name = ''] = entry.split('/');
  const wanted = namespace === '.' ? own : namespace;
  return wanted === '*' || wanted === namespaceOf(service) ? [name] : [];
}
