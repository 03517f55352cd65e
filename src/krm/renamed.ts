import { isObject, type Json } from '../manifest/node.ts';
import { fqdnOf, namespaceOfHost } from '../mesh/host.ts';
import { at, listAt } from '../mesh/read.ts';
import { namespaceOf, type Resource } from '../mesh/resource.ts';
import { remediate } from '../run/remediate.ts';
import { requestFrom } from '../run/request.ts';
import type { BuildFunction, Renaming } from './kustomization.ts';

/** What a build holds, and what its sources hold, before anything was renamed. */
export interface Renamed {
  readonly build: readonly Resource[];
  readonly sources: readonly Resource[];
}

/**
 * Finds what a function of a base, a component or a generator wrote, and what a `namePrefix`, `nameSuffix` or `namespace`
 * that came later made wrong: kustomize renames Services, but not the hosts that name them, and moves mesh-wide resources
 * out of Istio's own namespace.
 *
 * @returns lines for people
 */
export function misfitsOf(one: BuildFunction, { build, sources }: Renamed): readonly string[] {
  const found = one.renamings.flatMap((renaming) => [
    ...lostHosts(renaming, { build, sources }),
    ...movedResources(one, renaming, { build, sources }),
  ]);
  return [...new Set(found)];
}

function lostHosts(renaming: Renaming, { build, sources }: Renamed): string[] {
  const names = identitiesOf(build.filter(({ kind }) => kind === 'Service'));
  const declared = new Set(build.filter(({ kind }) => kind === 'ServiceEntry').flatMap(({ value }) => hostsIn(value)));
  // What the user wrote may mean a Service of another build.
  const written = new Set(sources.filter(isOfHosts).flatMap(({ value }) => hostsIn(value)));
  return build.filter(isOfHosts).flatMap((resource) =>
    [...new Set(hostsIn(at(resource.value, 'spec') ?? null))].flatMap((host) => {
      const fqdn = fqdnOf(host, namespaceOf(resource));
      const namespace = namespaceOfHost(fqdn);
      if (namespace === undefined || written.has(host) || declared.has(fqdn)) return [];
      const name = fqdn.slice(0, fqdn.indexOf('.'));
      const now = renamedBy(renaming, { namespace, name });
      if (names.has(identity('Service', { namespace, name })) || !names.has(identity('Service', now))) return [];
      const title = identity(resource.kind, { namespace: namespaceOf(resource), name: resource.name });
      return [
        `${title}: host ${host} no longer fits: ${renaming.text} made Service ${name} ${now.namespace}/${now.name}`,
      ];
    }),
  );
}

/** Kinds of which istiod reads the one of a certain name. */
const namedKinds: ReadonlySet<string> = new Set(['Deployment', 'ConfigMap']);

/** What the function adds for the whole mesh, whatever it sees. */
function movedResources({ config }: BuildFunction, renaming: Renaming, { build, sources }: Renamed): string[] {
  const names = identitiesOf(build);
  const own = new Set(sources.map(({ kind, name }) => `${kind} ${name}`));
  return remediate([], requestFrom(config, 'rewrite')).emitted.flatMap(({ resource }) => {
    if (!resource?.namespace || own.has(`${resource.kind} ${resource.name}`)) return [];
    const { kind, namespace, name } = resource;
    const now = renamedBy(renaming, { namespace, name });
    const isLost = now.namespace !== namespace || namedKinds.has(kind);
    if (!isLost || names.has(identity(kind, { namespace, name })) || !names.has(identity(kind, now))) return [];
    const meant = identity(kind, { namespace, name });
    return [`${meant} is missing: ${renaming.text} made it ${now.namespace}/${now.name}, where it has no effect`];
  });
}

/** The name of a resource, in full. */
interface FullName {
  readonly namespace: string;
  readonly name: string;
}

function renamedBy({ prefix, suffix, namespace }: Renaming, one: FullName): FullName {
  return { namespace: namespace ?? one.namespace, name: prefix + one.name + suffix };
}

function identitiesOf(resources: readonly Resource[]): ReadonlySet<string> {
  return new Set(
    resources.map((resource) => identity(resource.kind, { namespace: namespaceOf(resource), name: resource.name })),
  );
}

function identity(kind: string, { namespace, name }: FullName): string {
  return `${kind} ${namespace}/${name}`;
}

function isOfHosts({ kind }: Resource): boolean {
  return kind === 'VirtualService' || kind === 'DestinationRule';
}

/** All hosts that are named in a value, at any depth: those of routes and mirrors too. */
function hostsIn(value: Json): string[] {
  if (Array.isArray(value)) return value.flatMap(hostsIn);
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    if (key === 'host' && typeof inner === 'string') return [inner];
    if (key === 'hosts') return listAt(value, key).filter((host) => typeof host === 'string');
    return hostsIn(inner);
  });
}
