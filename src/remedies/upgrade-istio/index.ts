import type { Mesh } from '../../mesh/mesh.ts';
import type { Resource } from '../../mesh/resource.ts';
import type { VersionText } from '../../mesh/since/fact.ts';
import { facts } from '../../mesh/since.ts';
import { compareVersions, formatVersion, newestKnown, parseVersion, type Version } from '../../mesh/version.ts';
import { defineRemedy, type LegacyStep as Step } from '../remedy.ts';
import { endings } from './endings.ts';
import { hurdles } from './hurdles.ts';
import { isAhead, type TurningPoint, turnOf } from './turning-point.ts';

export default defineRemedy({
  id: 'upgrade-istio',
  source: 'https://istio.io/latest/docs/setup/upgrade/',
  parameters: {},

  *plan(mesh, _, { version, requested }) {
    const ahead = [...concerning(mesh, endings, version, 'ends'), ...concerning(mesh, hurdles, version, 'breaks')].sort(
      byVersion,
    );
    if (!requested) {
      if (ahead.length > 0) yield { severity: 'info', outcome: 'advise', message: summaryOf(ahead, version) };
      return;
    }
    if (ahead.length === 0) yield { severity: 'info', outcome: 'keep', message: nothingAhead(version) };
    for (const each of ahead) yield stepOf(each);
  },
});

/** A turning point ahead that concerns resources of the mesh. */
interface Ahead extends TurningPoint {
  readonly since: VersionText;
  readonly kind: 'ends' | 'breaks';
  readonly resources: readonly Resource[];
}

function concerning(mesh: Mesh, points: readonly TurningPoint[], version: Version, kind: Ahead['kind']): Ahead[] {
  return points
    .filter((point) => isAhead(point, version))
    .map((point) => ({ ...point, kind, since: turnOf(point), resources: point.concerned(mesh, version) }))
    .filter(({ resources }) => resources.length > 0);
}

function byVersion(a: Ahead, b: Ahead): number {
  return compareVersions(parseVersion(a.since) as Version, parseVersion(b.since) as Version);
}

function stepOf({ kind, fact, since, what, resources }: Ahead): Step {
  const [first, ...others] = resources;
  const when = kind === 'ends' ? `Ends with Istio ${since}` : `From Istio ${since} on`;
  return {
    severity: 'info',
    outcome: 'advise',
    source: facts[fact].source,
    ...(first && others.length === 0
      ? { message: `${when}: ${what}`, resource: first }
      : { message: `${when}: ${what}. It concerns ${namesOf(resources)}` }),
  };
}

/** How many names are told before the rest is only counted. */
const shown = 3;

function namesOf(resources: readonly Resource[]): string {
  const names = resources.slice(0, shown).map(({ kind, namespace, name }) => {
    return `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
  });
  const more = resources.length - names.length;
  if (more > 0) return `${names.join(', ')} and ${more} more`;
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

function summaryOf(ahead: readonly Ahead[], version: Version): string {
  const told = (kind: Ahead['kind']): string =>
    ahead
      .filter((each) => each.kind === kind)
      .map(({ since, topic }) => `${since}: ${topic}`)
      .join('; ');
  const [ends, breaks] = [told('ends'), told('breaks')];
  const first =
    ends === '' ? '' : `An upgrade from Istio ${formatVersion(version)} ends what concerns these manifests (${ends})`;
  const second =
    breaks === ''
      ? ''
      : `An upgrade${ends === '' ? ` from Istio ${formatVersion(version)}` : ''} needs changes first (${breaks})`;
  return `${[first, second].filter((text) => text !== '').join('. ')}; --upgrade-istio tells of each`;
}

function nothingAhead(version: Version): string {
  return compareVersions(version, newestKnown) >= 0
    ? `Istio ${formatVersion(version)} is the newest that meshmend knows, so there is nothing to say of an upgrade`
    : `Nothing in these manifests ends with an upgrade from Istio ${formatVersion(version)}, or stands in its way, up to ${formatVersion(newestKnown)}`;
}
