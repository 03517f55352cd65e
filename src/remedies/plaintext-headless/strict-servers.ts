import { pointer } from '../../manifest/pointer.ts';
import { headlessServicesOf } from '../../mesh/headless.ts';
import { isSelected, type Mesh, type Selection } from '../../mesh/mesh.ts';
import { type MutualTls, mutualTlsOf } from '../../mesh/peer-authentication.ts';
import { at } from '../../mesh/read.ts';
import type { Resource } from '../../mesh/resource.ts';
import { destinationHost, destinationRulesFor, portsOf, type ServicePort, serviceHost } from '../../mesh/service.ts';
import { sidecarIn } from '../../mesh/sidecar.ts';
import { facts, has, releasesWith } from '../../mesh/since.ts';
import type { Version } from '../../mesh/version.ts';
import { containerPort, type PodTemplate, workloadsBehind } from '../../mesh/workload.ts';
import { plaintextFault } from './faults.ts';
import { tlsModeFor } from './tls-modes.ts';

/** A DestinationRule that sends plaintext to a headless Service whose pods have sidecars. */
interface Downgrade {
  readonly rule: Resource;
  readonly service: Resource;
  /** What asks those pods for mTLS on one of the ports; undefined where plaintext is let in. */
  readonly strict: (MutualTls & { readonly port: number }) | undefined;
}

/** Finds plaintext to pods that refuse it, and plaintext to pods that could do without. */
export function* findDowngrades(mesh: Mesh, selection: Selection, version: Version) {
  const way = wayToMtls(version);
  for (const { rule, service, strict } of headlessServicesOf(mesh).flatMap((each) => downgradesOf(mesh, each))) {
    if (!isSelected(rule, selection) && !isSelected(service, selection)) continue;
    const where = { resource: rule, path: tlsPointer(rule), narrowedBy: null };
    if (strict) {
      const { port, policy } = strict;
      yield plaintextFault('plaintext-refused', where, { service, port, policy: policy?.name, way });
    } else yield plaintextFault('needless-plaintext', where, { service, way });
  }
}

/** In 1.7 and the last of 1.6 headless Services are left out of auto mTLS altogether. */
function wayToMtls(version: Version): string {
  return has(version, 'headlessAutoMtls')
    ? `Remove \`tls\` here: Istio ${facts.headlessAutoMtls.since} and later uses mTLS where all pods of a headless Service have sidecars`
    : `Set \`mode: ISTIO_MUTUAL\` here: Istio ${releasesWith('headlessWithoutMtls')} do not use mTLS for headless Services by themselves`;
}

function tlsPointer(rule: Resource): string {
  const path = ['spec', 'trafficPolicy', 'tls'];
  return at(rule.value, ...path) === undefined ? pointer('spec', 'trafficPolicy') : pointer(...path);
}

function downgradesOf(mesh: Mesh, service: Resource): Downgrade[] {
  const host = serviceHost(service);
  const workloads = workloadsBehind(mesh, service).filter((workload) => sidecarIn(mesh, workload) === 'yes');
  if (workloads.length === 0) return [];
  return destinationRulesFor(mesh, host).flatMap((rule) => {
    if (destinationHost(rule) !== host) return [];
    const plain = portsOf(service).filter(({ number }) => tlsModeFor(rule, number) === 'DISABLE');
    if (plain.length === 0) return [];
    const asked = plain.flatMap((port) => workloads.map((workload) => strictOn(mesh, workload, port)));
    return [{ rule, service, strict: asked.find((found) => found !== undefined) }];
  });
}

function strictOn(mesh: Mesh, workload: PodTemplate, port: ServicePort): Downgrade['strict'] {
  const { targetPort = port.number } = port;
  const target = typeof targetPort === 'number' ? targetPort : containerPort(workload, targetPort);
  if (target === undefined || isLeftOut(workload)) return undefined;
  const found = mutualTlsOf(mesh, workload, target);
  return found.mode === 'STRICT' ? { ...found, port: port.number } : undefined;
}

/** True when some inbound ports pass the sidecar by, so that nothing is sure. */
function isLeftOut(workload: PodTemplate): boolean {
  const annotations = at(workload.value, 'metadata', 'annotations');
  const keys = ['excludeInboundPorts', 'includeInboundPorts'];
  return keys.some((key) => at(annotations, `traffic.sidecar.istio.io/${key}`) !== undefined);
}
