import { isSelected, type Mesh } from '../../mesh/mesh.ts';
import { proxyConfigsOf, proxyMetadataOf } from '../../mesh/proxy-metadata.ts';
import { at } from '../../mesh/read.ts';
import { facts, has, lastWithout } from '../../mesh/since.ts';
import { isGoTrue } from '../../mesh/surface/env.ts';
import { meshConfigOf } from '../../mesh/surface/mesh-config.ts';
import { formatVersion, type Version } from '../../mesh/version.ts';
import { isGateway, type PodTemplate, proxyConfigOf, workloadsOf } from '../../mesh/workload.ts';
import { unreachedBy, unreachedFaults } from '../mechanisms/audience.ts';
import { someOf } from '../mechanisms/wording.ts';
import { type ParameterValues, selection } from '../parameter.ts';
import { defineRemedy, type LegacyStep as Step } from '../remedy.ts';
import { grpcResolver, muslImages, planContainers } from './containers.ts';
import { dnsAutoAllocate, dnsCapture, unquotedSwitches } from './switches.ts';

const parameters = {
  ...selection,
  force: {
    type: 'boolean',
    default: false,
    help: `also from Istio ${facts.wellFormedDns.since} on, and where no manifest of the input switches DNS capture on`,
  },
} as const;

type Settings = ParameterValues<typeof parameters>;

const why = `Answers of Istio's DNS proxy are malformed up to ${lastWithout('wellFormedDns')}, and the c-ares resolver of gRPC stumbles over them`;

export default defineRemedy({
  id: 'native-dns',
  source: 'https://github.com/istio/istio/pull/31251',
  parameters,

  *plan(mesh, settings, { version, requested }) {
    yield* [...unquotedSwitches(mesh)].filter(
      ({ resource }) => !requested || !resource || isSelected(resource, settings),
    );
    if (requested) yield* planWorkloads(mesh, settings, version);
    else if (isAffected(version)) yield* hint(mesh, version);
    yield* deprecation(mesh, version);
  },
});

/** Istio with a DNS proxy whose answers not every resolver takes. */
function isAffected(version: Version): boolean {
  return has(version, 'dnsCapture') && !has(version, 'wellFormedDns');
}

function* planWorkloads(mesh: Mesh, settings: Settings, version: Version): Iterable<Step> {
  if (!isAffected(version) && !settings.force) {
    const assumed =
      version.patch === undefined && has(version, 'dnsCapture') && !has({ ...version, patch: 0 }, 'wellFormedDns')
        ? '. Without a patch number the newest is meant: --istio-version says which it is'
        : '';
    const message = has(version, 'dnsCapture')
      ? `Istio ${formatVersion(version)} answers DNS in a form that every resolver takes (${facts.wellFormedDns.since} and later), so there is nothing to set${assumed}`
      : `Istio ${formatVersion(version)} does not capture DNS (${facts.dnsCapture.since} and later do), so there is nothing to set`;
    yield { severity: 'info', outcome: 'keep', message };
    return;
  }
  const chosen = workloadsOf(mesh).filter((workload) => isSelected(workload.resource, settings));
  const isNarrowed = settings.namespaces !== undefined || settings.names !== undefined;
  let isUnseen = false;
  for (const workload of chosen) {
    const outside = isOutside(mesh, workload);
    if (outside) {
      if (isNarrowed) yield { severity: 'info', outcome: 'keep', message: outside, resource: workload.resource };
      continue;
    }
    const isOn = capturesDns(mesh, workload, version);
    if (!isOn && !settings.force) {
      isUnseen = true;
      continue;
    }
    yield* planContainers(workload, isAffected(version) ? why : 'force asks for it');
    yield* imageAdvice(workload, version);
  }
  if (isUnseen) yield unseenStep(mesh);
}

/** Why DNS of a workload is never captured by a sidecar. */
function isOutside(mesh: Mesh, workload: PodTemplate): string | undefined {
  const { kind, name } = workload.resource;
  if (isGateway(workload)) return `${kind} ${name} is a gateway, which runs no application`;
  const unreached = unreachedBy(mesh, workload);
  return unreached && unreachedKinds[unreached].message(workload);
}

const unreachedKinds = unreachedFaults({
  ambient: ': ztunnel answers its DNS, in a form that every resolver takes',
  withoutSidecar: ', so nothing captures its DNS',
});

function capturesDns(mesh: Mesh, workload: PodTemplate, version: Version): boolean {
  return isGoTrue(String(proxyMetadataOf(mesh, workload, version)[dnsCapture] ?? ''));
}

function unseenStep(mesh: Mesh): Step {
  const message =
    meshConfigOf(mesh)['defaultConfig'] === undefined
      ? `Workloads without ${dnsCapture} in the input are left as they are: if the mesh config in the cluster switches it on, add that to the PATHs, or set native-dns.force`
      : `Workloads for which neither the mesh config nor their own settings switch ${dnsCapture} on are left as they are`;
  return { severity: 'info', outcome: 'keep', message };
}

function* imageAdvice(workload: PodTemplate, version: Version): Iterable<Step> {
  const images = isAffected(version) ? muslImages(workload) : [];
  if (images.length === 0) return;
  const message = `musl, the C library of Alpine images, fails on such answers too, and no variable helps: build ${images.join(', ')} on another base, or upgrade Istio to ${facts.wellFormedDns.since}`;
  yield { severity: 'warning', outcome: 'advise', message, resource: workload.resource };
}

/** One hint for the whole mesh: whether an application stumbles depends on what it resolves, and by which library. */
function* hint(mesh: Mesh, version: Version): Iterable<Step> {
  const captured = workloadsOf(mesh).filter(
    (workload) => !isOutside(mesh, workload) && capturesDns(mesh, workload, version),
  );
  const affected = captured.filter((workload) => [...planContainers(workload, why)].some(({ patch }) => patch));
  const images = captured.flatMap(muslImages);
  const musl = images.length > 0 ? `on Alpine: ${images.slice(0, 3).join(', ')}` : '';
  const fault = `and up to ${lastWithout('wellFormedDns')} not every resolver takes its answers: upgrade to ${facts.wellFormedDns.since}`;
  if (affected.length > 0) {
    const names = affected.map(({ resource }) => resource.name);
    const message = `Istio captures the DNS of ${someOf(names)}, ${fault}, or set ${grpcResolver}=native for gRPC on the C core${musl === '' ? '' : `; ${musl}`}`;
    yield { severity: 'info', outcome: 'change', message, parameters: {} };
  } else if (musl !== '') {
    const message = `Istio captures the DNS of containers ${musl}, ${fault}, or build them on another image`;
    yield { severity: 'info', outcome: 'advise', message };
  }
}

/** @see https://github.com/istio/istio/blob/1.25.0/releasenotes/notes/54690.yaml */
function* deprecation(mesh: Mesh, version: Version): Iterable<Step> {
  if (!has(version, 'ipAutoAllocation')) return;
  const isSet =
    at(meshConfigOf(mesh), 'defaultConfig', 'proxyMetadata', dnsAutoAllocate) !== undefined ||
    workloadsOf(mesh).some((workload) => at(proxyConfigOf(workload), 'proxyMetadata', dnsAutoAllocate) !== undefined) ||
    proxyConfigsOf(mesh).some(({ value }) => at(value, 'spec', 'environmentVariables', dnsAutoAllocate) !== undefined);
  if (!isSet) return;
  const message = `${dnsAutoAllocate} is deprecated from Istio ${facts.ipAutoAllocation.since} on: istiod itself gives ServiceEntries addresses there (PILOT_ENABLE_IP_AUTOALLOCATE, on by default)`;
  yield { severity: 'info', outcome: 'advise', message };
}
