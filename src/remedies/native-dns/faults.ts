import type { JsonObject } from '../../manifest/node.ts';
import type { Operation } from '../../manifest/operation.ts';
import { facts, lastWithout } from '../../mesh/since.ts';
import { formatVersion, type Version } from '../../mesh/version.ts';
import type { PodTemplate } from '../../mesh/workload.ts';
import type { Patch } from '../../step.ts';
import { caveat, choice, defineFaults, type FaultKind, info, note } from '../fault.ts';
import { unreachedFaults } from '../mechanisms/audience.ts';
import { type Unquoted, unquotedValue } from '../mechanisms/unquoted.ts';
import { titleOf } from '../mechanisms/wording.ts';
import { dnsAutoAllocate, dnsCapture, grpcResolver } from './variables.ts';

/** A workload with containers whose gRPC takes its default resolver. */
export interface DefaultResolver {
  readonly workload: PodTemplate;
  /** Names. */
  readonly containers: readonly string[];
  readonly operations: readonly Operation[];
}

/** A switch of smart DNS without quotes, and the edit that quotes it. */
export interface UnquotedSwitch extends Unquoted {
  readonly patch: Patch;
  /** Parameters of the command that makes this edit, where the resource has no name to narrow it by. */
  readonly parameters?: JsonObject;
}

const unquotedSwitch: FaultKind<UnquotedSwitch> = unquotedValue;

const unreached = unreachedFaults({
  ambient: ': ztunnel answers its DNS, in a form that every resolver takes',
  withoutSidecar: ', so nothing captures its DNS',
});

const upgrade = `upgrade Istio to ${facts.wellFormedDns.since}`;

export const dnsFault = defineFaults({
  'default-resolver': choice(
    ({ workload }: DefaultResolver) =>
      `Istio captures the DNS of ${titleOf(workload.resource)}, and up to ${lastWithout('wellFormedDns')} its answers are malformed: c-ares, the default resolver of gRPC on the C core, may fail on them. If you can, ${upgrade}`,
  ),
  'forced-resolver': note<DefaultResolver>('`force` asks for the resolver of the C library, whatever captures DNS'),
  'musl-image': choice(
    (images: readonly string[]) =>
      `musl, the C library of Alpine images, may fail on the DNS answers of Istio up to ${lastWithout('wellFormedDns')}, and has no setting for that. Build ${images.join(', ')} on another image, or ${upgrade}`,
  ),
  'unquoted-switch': unquotedSwitch,
  'deprecated-auto-allocate': info(
    `\`${dnsAutoAllocate}\` is deprecated since Istio ${facts.ipAutoAllocation.since}: istiod itself gives ServiceEntries addresses (\`PILOT_ENABLE_IP_AUTOALLOCATE\`, on by default)`,
  ),
  'other-resolver': note(
    ({ container, value }: { container: string; value: string | undefined }) =>
      `\`${grpcResolver}\` of container ${container} is ${value ? `\`${value}\`` : 'set'} already, which stays`,
  ),
  'unreadable-env': caveat(
    (container: string) =>
      `\`env\` of container ${container} is not a list, so \`${grpcResolver}\` cannot be added to it`,
  ),
  'well-formed-answers': note(
    ({ version, assumed }: { version: Version; assumed: boolean }) =>
      `Istio ${formatVersion(version)} answers DNS in a form that every resolver takes (${facts.wellFormedDns.since} and later), so there is nothing to set${assumed ? '. Without a patch number the newest is assumed: `--istio-version` says which it is' : ''}`,
  ),
  'no-dns-proxy': note(
    (version: Version) =>
      `Istio ${formatVersion(version)} does not capture DNS (${facts.dnsCapture.since} and later do), so there is nothing to set`,
  ),
  'unknown-capture': note(
    `Workloads without \`${dnsCapture}\` in the input are left as they are. If the mesh config in the cluster switches it on, add that to the PATHs, or set \`native-dns.force\``,
  ),
  'capture-off': note(
    `Workloads for which neither the mesh config nor their own settings switch \`${dnsCapture}\` on are left as they are`,
  ),
  gateway: note(({ resource }: PodTemplate) => `${titleOf(resource)} is a gateway, which runs no application`),
  ambient: { ...unreached.ambient, outcome: 'keep' },
  'no-sidecar': unreached['no-sidecar'],
});
