import { isSelected, type Mesh } from '../../mesh/mesh.ts';
import { proxyConfigsOf, proxyMetadataOf } from '../../mesh/proxy-metadata.ts';
import { at } from '../../mesh/read.ts';
import { facts, has } from '../../mesh/since.ts';
import { isGoTrue } from '../../mesh/surface/env.ts';
import { meshConfigOf } from '../../mesh/surface/mesh-config.ts';
import type { Version } from '../../mesh/version.ts';
import { isGateway, type PodTemplate, proxyConfigOf, workloadsOf } from '../../mesh/workload.ts';
import { edit, keep } from '../../step.ts';
import { unreachedBy } from '../mechanisms/audience.ts';
import { selection } from '../parameter.ts';
import { defineRemedy, type Target } from '../remedy.ts';
import { findInContainers, muslImages, setResolver } from './containers.ts';
import { dnsFault } from './faults.ts';
import { findUnquoted } from './switches.ts';
import { dnsAutoAllocate, dnsCapture } from './variables.ts';

const parameters = {
  ...selection,
  force: {
    type: 'boolean',
    default: false,
    help: `also from Istio ${facts.wellFormedDns.since} on, and where no manifest of the input switches DNS capture on`,
  },
} as const;

type DnsTarget = Target<typeof parameters>;

export default defineRemedy({
  id: 'native-dns',
  source: 'https://github.com/istio/istio/pull/31251',
  parameters,
  faults: dnsFault,

  *find(target) {
    const { mesh, version, parameters } = target;
    yield* findUnquoted(mesh);
    if (isAffected(version) || parameters.force) yield* findInWorkloads(target);
    else yield findNothing(version);
    if (has(version, 'ipAutoAllocation') && setsAutoAllocate(mesh)) yield dnsFault('deprecated-auto-allocate', {});
  },

  fix: {
    'default-resolver': ({ data }) => setResolver(data),
    'forced-resolver': ({ data }) => setResolver(data),
    'unquoted-switch': ({ data: { patch, parameters } }) => edit('quote it', patch, parameters && { parameters }),
    'unreadable-env': () => keep('It is left as it is', { severity: 'warning' }),
  },
});

/** Istio with a DNS proxy whose answers not every resolver takes. */
function isAffected(version: Version): boolean {
  return has(version, 'dnsCapture') && !has(version, 'wellFormedDns');
}

function findNothing(version: Version) {
  if (!has(version, 'dnsCapture')) return dnsFault('no-dns-proxy', {}, version);
  const assumed = version.patch === undefined && !has({ ...version, patch: 0 }, 'wellFormedDns');
  return dnsFault('well-formed-answers', {}, { version, assumed });
}

function* findInWorkloads(target: DnsTarget) {
  const { mesh, parameters } = target;
  const { namespaces, names } = parameters;
  const isNarrowed = namespaces !== undefined || names !== undefined;
  let isUnseen = false;
  for (const workload of workloadsOf(mesh).filter(({ resource }) => isSelected(resource, parameters))) {
    const outside = isGateway(workload) ? 'gateway' : unreachedBy(mesh, workload);
    if (!outside) {
      const isSeen = yield* findInReached(workload, target);
      if (!isSeen) isUnseen = true;
    } else if (isNarrowed) yield dnsFault(outside, { resource: workload.resource }, workload);
  }
  if (isUnseen)
    yield dnsFault(meshConfigOf(mesh)['defaultConfig'] === undefined ? 'unknown-capture' : 'capture-off', {});
}

/** A workload that gets a sidecar; returns false where nothing shows that the sidecar answers its DNS queries. */
function* findInReached(workload: PodTemplate, { mesh, version, parameters }: DnsTarget) {
  const isCaptured = isAffected(version) && capturesDns(mesh, workload, version);
  if (!isCaptured && !parameters.force) return false;
  yield* findInContainers(workload, isCaptured ? 'default-resolver' : 'forced-resolver');
  if (isAffected(version)) yield* findMusl(workload, isCaptured);
  return true;
}

function capturesDns(mesh: Mesh, workload: PodTemplate, version: Version): boolean {
  return isGoTrue(String(proxyMetadataOf(mesh, workload, version)[dnsCapture] ?? ''));
}

/** Whether an application fails depends on what it resolves; of what the user asked for, it stays undone. */
function* findMusl(workload: PodTemplate, isCaptured: boolean) {
  const images = muslImages(workload);
  if (images.length === 0) return;
  const { resource } = workload;
  if (isCaptured) yield dnsFault('musl-image', { resource, reported: 'when diagnosing' }, images);
  yield dnsFault('musl-image', { resource, reported: 'when asked', severity: 'warning' }, images);
}

/** @see https://github.com/istio/istio/blob/1.25.0/releasenotes/notes/54690.yaml */
function setsAutoAllocate(mesh: Mesh): boolean {
  return (
    at(meshConfigOf(mesh), 'defaultConfig', 'proxyMetadata', dnsAutoAllocate) !== undefined ||
    workloadsOf(mesh).some((workload) => at(proxyConfigOf(workload), 'proxyMetadata', dnsAutoAllocate) !== undefined) ||
    proxyConfigsOf(mesh).some(({ value }) => at(value, 'spec', 'environmentVariables', dnsAutoAllocate) !== undefined)
  );
}
