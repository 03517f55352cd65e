import type { Mesh } from './mesh.ts';
import { at, objectAt, stringAt } from './read.ts';
import { namespaceOf, type Resource } from './resource.ts';
import { type PodTemplate, podLabels } from './workload.ts';

/** What a workload's sidecar asks of connections to one of its ports, and the policy that says so. */
export interface MutualTls {
  readonly mode: 'STRICT' | 'PERMISSIVE' | 'DISABLE';
  readonly policy?: Resource;
}

/**
 * The mutual TLS that a workload's sidecar asks for on a port of its container: a policy that selects the workload
 * wins over one for the namespace, and that over one for the mesh; `UNSET` leaves it to the wider one.
 *
 * @see https://istio.io/latest/docs/reference/config/security/peer_authentication/
 * @see https://github.com/istio/istio/blob/1.31.0/pilot/pkg/security/authn/policy_applier.go `ComposePeerAuthentication`
 */
export function mutualTlsOf(mesh: Mesh, workload: PodTemplate, port: number | undefined): MutualTls {
  const policies = mesh.ofKind('PeerAuthentication', 'security.istio.io');
  const namespace = namespaceOf(workload.resource);
  const wide = policies.filter((policy) => Object.keys(selectorIn(policy)).length === 0);
  // In the root namespace a policy with a selector has no effect.
  const near = namespace === mesh.rootNamespace ? [] : policies.filter((policy) => namespaceOf(policy) === namespace);
  const own = near.find((policy) => isFor(policy, workload));
  const onPort = own && port !== undefined ? modeAt(own, 'spec', 'portLevelMtls', String(port)) : undefined;
  if (own && onPort) return { mode: onPort, policy: own };
  const inNamespace = wide.find((policy) => namespaceOf(policy) === namespace);
  const inMesh = wide.find((policy) => namespaceOf(policy) === mesh.rootNamespace);
  for (const policy of [own, inNamespace, inMesh]) {
    const mode = policy && modeAt(policy, 'spec', 'mtls');
    if (mode) return { mode, policy };
  }
  return { mode: 'PERMISSIVE' };
}

function selectorIn(policy: Resource): Readonly<Record<string, unknown>> {
  return objectAt(policy.value, 'spec', 'selector', 'matchLabels');
}

function isFor(policy: Resource, workload: PodTemplate): boolean {
  const wanted = Object.entries(selectorIn(policy));
  const labels = podLabels(workload);
  return wanted.length > 0 && wanted.every(([key, value]) => labels[key] === value);
}

function modeAt(policy: Resource, ...path: readonly string[]): MutualTls['mode'] | undefined {
  const mode = stringAt(at(policy.value, ...path), 'mode');
  return mode === 'STRICT' || mode === 'PERMISSIVE' || mode === 'DISABLE' ? mode : undefined;
}
