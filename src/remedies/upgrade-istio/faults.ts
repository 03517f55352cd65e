import type { Resource } from '../../mesh/resource.ts';
import type { VersionText } from '../../mesh/since/fact.ts';
import { compareVersions, formatVersion, newestKnown, type Version } from '../../mesh/version.ts';
import { defineFaults, hint, note, unsure } from '../fault.ts';
import type { TurningPoint } from './turning-point.ts';

/** A turning point ahead that concerns resources of the mesh. */
export interface Ahead extends TurningPoint {
  /** The first version with the change. */
  readonly since: VersionText;
  readonly kind: 'resolved' | 'changed';
  readonly resources: readonly Resource[];
}

export const upgradeFault = defineFaults({
  'resolved-by-upgrade': unsure((ahead: Ahead) => `Resolved by Istio ${ahead.since}: ${ahead.what}${concerned(ahead)}`),
  'changed-by-upgrade': unsure((ahead: Ahead) => `From Istio ${ahead.since} on: ${ahead.what}${concerned(ahead)}`),
  'upgrade-ahead': hint(summaryOf),
  'nothing-ahead': note((version: Version) =>
    compareVersions(version, newestKnown) >= 0
      ? `Istio ${formatVersion(version)} is the newest version that meshmend knows`
      : `No problem of these manifests is resolved by an upgrade from Istio ${formatVersion(version)} up to ${formatVersion(newestKnown)}, and nothing has to change for it`,
  ),
});

function concerned({ resources }: Ahead): string {
  return resources.length === 1 ? '' : `. This affects ${namesOf(resources)}`;
}

/** How many names are shown before the rest is only counted. */
const shown = 3;

function namesOf(resources: readonly Resource[]): string {
  const names = resources.slice(0, shown).map(({ kind, namespace, name }) => {
    return `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
  });
  const more = resources.length - names.length;
  if (more > 0) return `${names.join(', ')} and ${more} more`;
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

/** One line for all that is ahead. */
function summaryOf({ version, ahead }: { version: Version; ahead: readonly Ahead[] }): string {
  const list = (kind: Ahead['kind']): string =>
    ahead
      .filter((each) => each.kind === kind)
      .map(({ since, topic }) => `${topic} (in ${since})`)
      .join('; ');
  const [resolved, changed] = [list('resolved'), list('changed')];
  const parts = [
    ...(resolved === '' ? [] : [`resolves: ${resolved}`]),
    ...(changed === '' ? [] : [`needs changes first: ${changed}`]),
  ];
  return `Upgrading from Istio ${formatVersion(version)} ${parts.join('. It ')}. \`--upgrade-istio\` explains each`;
}
