import { serviceEntryOf } from './connection-pool.ts';
import { namespaceOfHost } from './host.ts';
import { isSelected, type Mesh } from './mesh.ts';
import type { Resource } from './resource.ts';
import { destinationHost, destinationRulesFor, serviceHost, serviceOf } from './service.ts';

/** A host that a user names for a new DestinationRule. */
export interface TargetHost {
  /** FQDN, or a wildcard. */
  readonly host: string;
  /** The Service or ServiceEntry that has it, when it is in the input. */
  readonly owner: Resource | undefined;
  /** Where its DestinationRule belongs, so that clients of all namespaces find it; undefined: not in the manifest. */
  readonly namespace: string | undefined;
}

/**
 * Finds the host that a user means: the name of a Service, `reviews.shop`, an FQDN, or a host outside the mesh.
 *
 * @param namespaces - where short names are looked for, all when undefined
 */
export function resolveTarget(
  mesh: Mesh,
  name: string,
  namespaces: readonly string[] | undefined,
): TargetHost | { readonly problem: string } {
  if (!name.includes('.')) return resolveShortName(mesh, name, namespaces);
  const [service, namespace] = name.split('.');
  const isShortened = /^[^.*]+\.[^.]+(\.svc)?$/.test(name);
  const host = isShortened && serviceOf(mesh, fullName(service, namespace)) ? fullName(service, namespace) : name;
  const owner = serviceOf(mesh, host) ?? serviceEntryOf(mesh, host);
  if (owner) return { host, owner, namespace: owner.namespace };
  const own = namespaceOfHost(host);
  if (own !== undefined) return { host, owner: undefined, namespace: own };
  const rule = destinationRulesFor(mesh, host).find((found) => destinationHost(found) === host);
  if (rule) return { host, owner: undefined, namespace: rule.namespace };
  return {
    problem: `Host ${name} belongs to no Service, ServiceEntry or DestinationRule of the input, so the namespace for a DestinationRule is not known: add its manifest to the PATHs`,
  };
}

function fullName(service = '', namespace = ''): string {
  return `${service}.${namespace}.svc.cluster.local`;
}

function resolveShortName(
  mesh: Mesh,
  name: string,
  namespaces: readonly string[] | undefined,
): TargetHost | { readonly problem: string } {
  const found = mesh
    .ofKind('Service', '')
    .filter((service) => service.name === name && isSelected(service, { namespaces, names: undefined }));
  const [owner, another] = found;
  if (!owner)
    return { problem: `No Service ${name} is in the input: name the host in full (${fullName(name, 'NAMESPACE')})` };
  if (another) {
    const hosts = found.map(serviceHost).join(', ');
    return { problem: `Several Services are called ${name}: name the one you mean (${hosts})` };
  }
  return { host: serviceHost(owner), owner, namespace: owner.namespace };
}
