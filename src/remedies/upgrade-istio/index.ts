import type { Mesh } from '../../mesh/mesh.ts';
import { facts } from '../../mesh/since.ts';
import { compareVersions, parseVersion, type Version } from '../../mesh/version.ts';
import { defineRemedy } from '../remedy.ts';
import { endings } from './endings.ts';
import { type Ahead, upgradeFault } from './faults.ts';
import { hurdles } from './hurdles.ts';
import { isAhead, type TurningPoint, turnOf } from './turning-point.ts';

export default defineRemedy({
  id: 'upgrade-istio',
  source: 'https://istio.io/latest/docs/setup/upgrade/',
  parameters: {},
  faults: upgradeFault,

  *find({ mesh, version }) {
    const resolved = concerning(mesh, endings, version, 'resolved');
    const ahead = [...resolved, ...concerning(mesh, hurdles, version, 'changed')].sort(byVersion);
    if (ahead.length === 0) yield upgradeFault('nothing-ahead', {}, version);
    else yield upgradeFault('upgrade-ahead', {}, { version, ahead });
    for (const each of ahead) {
      const [resource, ...others] = each.resources;
      const where = { source: facts[each.fact].source, ...(resource && others.length === 0 && { resource }) };
      yield upgradeFault(`${each.kind}-by-upgrade`, where, each);
    }
  },
});

function concerning(mesh: Mesh, points: readonly TurningPoint[], version: Version, kind: Ahead['kind']): Ahead[] {
  return points
    .filter((point) => isAhead(point, version))
    .map((point) => ({ ...point, kind, since: turnOf(point), resources: point.concerned(mesh, version) }))
    .filter(({ resources }) => resources.length > 0);
}

function byVersion(a: Ahead, b: Ahead): number {
  return compareVersions(parseVersion(a.since) as Version, parseVersion(b.since) as Version);
}
