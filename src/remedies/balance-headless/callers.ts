import { hostCovers } from '../../mesh/host.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import { listAt } from '../../mesh/read.ts';
import { namespaceOf, type Resource } from '../../mesh/resource.ts';
import { routesTo } from '../../mesh/route-destination.ts';
import { serviceHost } from '../../mesh/service.ts';
import { placeIn } from '../../step.ts';
import { balanceFault } from './faults.ts';

/** Finds what names the headless Service, and may have to name its twin. */
export function* findCallers(mesh: Mesh, headless: Resource, twin: string) {
  const host = serviceHost(headless);
  const routes = routesTo(mesh, host).filter(({ sidecars }) => sidecars);
  for (const caller of new Set(routes.map(({ resource }) => resource)))
    yield balanceFault('route-to-headless', whereOf(caller, headless, 'spec'), { caller, headless, twin });
  for (const caller of mesh.ofKind('Sidecar', 'networking.istio.io')) {
    if (importsOnly(caller, headless, host))
      yield balanceFault('egress-without-twin', whereOf(caller, headless, 'spec', 'egress'), {
        caller,
        headless,
        twin,
      });
  }
}

function whereOf(caller: Resource, headless: Resource, ...path: readonly string[]) {
  return { ...placeIn(caller, ...path), narrowedBy: null, involves: [headless] };
}

/** True for a Sidecar that imports a host by its name, and not by a wildcard, which would import the twin as well. */
function importsOnly(sidecar: Resource, service: Resource, host: string): boolean {
  const own = namespaceOf(sidecar);
  const hosts = listAt(sidecar.value, 'spec', 'egress').flatMap((egress) => listAt(egress, 'hosts'));
  const names = hosts.flatMap((entry) => (typeof entry === 'string' ? importedName(entry, own, service) : []));
  return names.includes(host) && !names.some((name) => name !== host && hostCovers(name, host));
}

/** The host that `NAMESPACE/HOST` of a Sidecar imports, when the namespace is that of the Service. */
function importedName(entry: string, own: string, service: Resource): string[] {
  const [namespace = '', name = ''] = entry.split('/');
  const wanted = namespace === '.' ? own : namespace;
  return wanted === '*' || wanted === namespaceOf(service) ? [name] : [];
}
