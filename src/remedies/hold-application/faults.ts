import type { Json } from '../../manifest/node.ts';
import { at } from '../../mesh/read.ts';
import { facts, has } from '../../mesh/since.ts';
import { holdField, holdValue } from '../../mesh/start-order.ts';
import { formatVersion, type Version } from '../../mesh/version.ts';
import { type PodTemplate, proxyConfigKey } from '../../mesh/workload.ts';
import { caveat, choice, defineFaults, error, note, refusal, warning } from '../fault.ts';
import { unreachedFaults } from '../mechanisms/audience.ts';
import { titleOf } from '../mechanisms/wording.ts';
import type { Misplaced, OwnSetting } from './annotation.ts';
import type { MeshSlip } from './mesh-wide.ts';

const annotation = `\`${proxyConfigKey}\``;
const field = `\`${holdField}\``;
const chartValue = `\`${holdValue.join('.')}\``;
const mayFail = 'An application starts while its proxy is still getting ready, so its first calls may fail';

interface Unheld {
  readonly workload: PodTemplate;
  /** True where Kubernetes decides by the version of the nodes whether the proxy starts first anyway. */
  readonly isByNode: boolean;
}

export const holdFault = defineFaults({
  'unreadable-config': error(
    (workload: PodTemplate) =>
      `Annotation ${annotation} does not hold a YAML mapping, so ${isText(workload) ? 'the injector rejects the pods' : 'Kubernetes rejects the resource'}`,
  ),
  'not-boolean': error(
    ({ value }: { workload: PodTemplate; value: Json }) =>
      `${field} must be true or false; the injector rejects pods with ${JSON.stringify(value)}`,
  ),
  'unsupported-annotation': warning(
    (version: Version) =>
      `Istio ${formatVersion(version)} ignores ${field} in annotations, so the application does not wait for its proxy. ${has(version, 'holdValue') ? `Set ${chartValue} of the istiod chart, which holds for the whole mesh` : `Upgrade to ${facts.holdInProxyConfig.since} or later`}`,
  ),
  'overruled-false': warning<PodTemplate>(
    `\`${holdField}: false\` has no effect, because the istiod chart sets ${chartValue} to true. Set \`meshConfig.defaultConfig.${holdField}\` instead of the chart's value`,
  ),
  'misspelt-field': warning(
    ({ slip }: OwnSetting & { workload: PodTemplate }) =>
      `\`${slip}\` is not a field of a proxy config and is silently ignored, so the application does not wait. The field is ${field}`,
  ),
  'misspelt-field-in-mesh': warning(
    ({ slip }: MeshSlip) =>
      `\`${slip}\` in \`defaultConfig\` is not a field of a proxy config and is silently ignored, so applications do not wait. The field is ${field}`,
  ),
  'misplaced-config': warning(
    ({ workload: { resource } }: { workload: PodTemplate; misplaced: Misplaced }) =>
      `Annotation ${annotation} of the ${resource.kind} itself is ignored; only that of its pod template counts (IST0107). So the application does not wait for its proxy`,
  ),
  'replaced-hook': warning(
    `${field} has no effect: \`global.proxy.lifecycle\` of the istiod chart replaces the hook that waits. Add a \`postStart\` with exec command \`["pilot-agent", "wait"]\` to it, or remove it`,
  ),
  'starts-unready': choice(
    ({ isByNode }: Unheld) => `${mayFail}${isByNode ? ', unless all nodes run Kubernetes 1.33 or later' : ''}`,
  ),
  'starts-unready-in-mesh': choice(mayFail),
  'unreadable-annotations': refusal('`annotations` of the pod template is not a mapping, so none can be added'),
  'unsupported-version': refusal(
    (version: Version) =>
      `Istio ${formatVersion(version)} cannot hold applications back. Upgrade, or let the application retry its first calls`,
  ),
  'chart-value-only': refusal(
    ({ version, todo }: { version: Version; todo: string }) =>
      `Istio ${formatVersion(version)} holds applications back only in the whole mesh, by ${chartValue} of the istiod chart. ${todo}`,
  ),
  'narrowed-mesh': refusal(
    '`namespaces` and `names` choose workloads, but `scope: mesh` is for every pod. Use `scope: workload`, or leave them out',
  ),
  'no-mesh-config': refusal(
    (version: Version) =>
      `Istio ${formatVersion(version)} reads its mesh config only from ConfigMap istio, which is not in the input. Add it to the PATHs, or choose another \`surface\``,
  ),
  'no-workload': caveat('The input has no workload with these `namespaces` and `names`'),
  'explicit-false': note(
    ({ resource }: PodTemplate) =>
      `${titleOf(resource)} sets \`${holdField}: false\` itself, which stays. To change it, give its exact name in \`names\``,
  ),
  'held-by-chart': note(`The istiod chart sets ${chartValue} to true, so all applications wait already`),
  'held-by-mesh-config': note(
    `The mesh config sets \`${holdField}: true\`, so workloads without a setting of their own wait already`,
  ),
  gateway: note(({ resource }: PodTemplate) => `${titleOf(resource)} is a gateway and has no application to hold back`),
  ...unreachedFaults({
    ambient: ' and has no sidecar to wait for; ztunnel is ready before its pods',
    withoutSidecar: ', so there is nothing to wait for',
  }),
  'native-sidecar': note(
    ({ resource }: PodTemplate) => `The proxy of ${titleOf(resource)} is a native sidecar, which starts first anyway`,
  ),
  'native-in-mesh': note(
    '`ENABLE_NATIVE_SIDECARS` makes proxies native sidecars, which start before the application anyway',
  ),
  'native-by-node': note(
    `Where all nodes run Kubernetes 1.33 or later, Istio ${facts.nativeSidecarsByDefault.since} and later make proxies native sidecars, which start first anyway, so ${field} has no effect there`,
  ),
});

function isText({ value }: PodTemplate): boolean {
  return typeof at(value, 'metadata', 'annotations', proxyConfigKey) === 'string';
}
