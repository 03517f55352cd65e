import { groupPairs } from '../../group-by.ts';
import { serviceEntryOf } from '../../mesh/connection-pool.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import type { Resource } from '../../mesh/resource.ts';
import { hasGateways } from '../../mesh/route-match.ts';
import type { Version } from '../../mesh/version.ts';
import { hostsOf, servesMesh } from '../../mesh/virtual-service.ts';
import { advise, edit, emit, placeIn, type Step } from '../../step.ts';
import { hasOwnRules, isForAnyHost, withoutMesh } from './any-host.ts';
import { findEvidence } from './evidence.ts';
import { meshFault, type Reaching } from './faults.ts';
import { titled } from './reach.ts';

/** Of two for one Service sidecars would use only the older one, so users must choose. */
export function withoutRivals(found: readonly Reaching[]): Reaching[] {
  const byHost = groupPairs(
    found.flatMap(({ virtualService, reach }): [string, string][] =>
      (reach.kind === 'edit' || reach.kind === 'split') && hasGateways(virtualService)
        ? [[reach.service.host, titled(virtualService)]]
        : [],
    ),
  );
  return found.map((each) => {
    if (each.reach.kind !== 'edit' && each.reach.kind !== 'split') return each;
    const { host } = each.reach.service;
    const own = titled(each.virtualService);
    const rival = byHost.get(host)?.find((name) => name !== own);
    if (rival === undefined) return each;
    const reason = `VirtualService ${rival} leads to ${host} too, and sidecars use only one for a host. Choose one with \`names\``;
    return { ...each, reach: { kind: 'unclear', reason } };
  });
}

/** What keeps clients inside the mesh from the rules of a VirtualService for gateways. */
export function* findUnreached(mesh: Mesh, reaching: Reaching, version: Version) {
  const { virtualService, reach } = reaching;
  if (isForAnyHost(virtualService)) {
    yield meshFault('any-host-in-mesh', placeIn(virtualService, 'spec', 'hosts'), reaching);
    return;
  }
  if (reach.kind === 'there') return;
  const evidence = findEvidence(mesh, reaching, version);
  const where = placeIn(virtualService, 'spec', 'gateways');
  if (evidence) yield evidence;
  else if (reach.kind === 'taken')
    yield meshFault('served-by-other', where, { host: reach.service.host, by: titled(reach.by) });
  else if (reach.kind === 'unclear') yield meshFault('unclear-for-mesh', where, reach.reason);
  else if (isReachedOtherwise(mesh, virtualService))
    yield meshFault('gateways-only', { ...where, reported: 'when asked' }, reaching);
  else yield meshFault('gateways-only', where, reaching);
}

/** True when clients inside the mesh are meant to call another host, which a ServiceEntry defines for them. */
function isReachedOtherwise(mesh: Mesh, virtualService: Resource): boolean {
  return servesMesh(virtualService) && hostsOf(virtualService).some((host) => serviceEntryOf(mesh, host) !== undefined);
}

/** Gives clients inside the mesh the rules of a VirtualService for gateways. */
export function giveToMesh({ virtualService, reach }: Reaching): Step | Step[] | undefined {
  switch (reach.kind) {
    case 'there':
      return undefined;
    case 'edit':
      return edit(reach.fix, { resource: virtualService, operations: reach.operations });
    case 'split': {
      const fix = `add VirtualService ${reach.name} for ${reach.service.host}, because ${reach.why}`;
      return [emit(fix, reach.emit), ...removeMeshRules(virtualService)];
    }
    case 'taken':
      return advise(
        `VirtualService ${titled(reach.by)} serves ${reach.service.host} in the mesh, and sidecars use only one for a host. Add to that one what clients inside the mesh need`,
      );
    case 'unclear':
      return advise(`Nothing is changed, because ${reach.reason}`);
  }
}

/** Takes out what was only for the mesh, which another VirtualService has now. */
function removeMeshRules(resource: Resource): Step[] {
  const operations = hasOwnRules(resource) ? withoutMesh(resource) : [];
  const [first] = operations;
  if (!first) return [];
  const where = { resource, path: first.path, severity: 'info', isFurther: true } as const;
  return [edit('remove what is only for the mesh', { resource, operations }, where)];
}
