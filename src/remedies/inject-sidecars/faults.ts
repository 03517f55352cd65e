import { injectionLabel, podLabel, revisionLabel } from '../../mesh/injection.ts';
import type { Resource } from '../../mesh/resource.ts';
import { facts, lastWithout } from '../../mesh/since.ts';
import type { PodTemplate } from '../../mesh/workload.ts';
import type { Patch } from '../../step.ts';
import { caveat, choice, defineFaults, error, type FaultKind, info, note, refusal, warning } from '../fault.ts';
import { type Unquoted, unquotedValue } from '../mechanisms/unquoted.ts';
import { someOf, titleOf } from '../mechanisms/wording.ts';

/** Labels or annotations that decide on sidecars. */
export interface Labelled {
  /** What has them: `Namespace shop`, `Deployment web`. */
  readonly title: string;
  /** The ones that decide, as written: `istio-injection=enabled`. */
  readonly labels: string;
  /** What comes of them, as a sentence without its final stop. */
  readonly detail?: string;
  /** Absent where no edit can correct them. */
  readonly correction?: Correction;
  /** What people can do in that case, as a sentence without its final stop. */
  readonly todo?: string;
}

export interface Correction {
  readonly fix: string;
  readonly patch: Patch;
}

const unquoted: FaultKind<Unquoted & Labelled> = unquotedValue;

const and = (detail: string | undefined): string => (detail === undefined ? '' : `. ${detail}`);
const listed = (workloads: readonly PodTemplate[]): string =>
  workloads.map(({ resource }) => titleOf(resource)).join(', ');
const setRevision = 'Set `inject-sidecars.revision`';

export const injectionFault = defineFaults({
  'openshift-service-mesh': info(
    ({ kind, name }: Resource) =>
      `${kind} ${name} belongs to OpenShift Service Mesh 2, which injects by the annotation \`sidecar.istio.io/inject\` of pods in the namespaces of its ServiceMeshMemberRoll, and by no label. Nothing is judged or changed here`,
  ),
  'unreadable-labels': error(
    ({ title, labels }: Labelled) => `${labels} of ${title} has the wrong type; the API server rejects it`,
  ),
  'unquoted-label': unquoted,
  'ambient-and-sidecars': warning(
    ({ title, labels }: Labelled) =>
      `${title} asks for ambient mode and for sidecars (\`${labels}\`), so ztunnel leaves its pods out. Remove the label of one of them`,
  ),
  'ambient-namespace': note(({ title }: Labelled) => `${title} is in ambient mode, where ztunnel replaces sidecars`),
  'unlabelled-namespace': choice(({ title }: Labelled) => `${title} has no label that asks for sidecars`),
  'unasked-namespace': note(
    (title: string) =>
      `${title} has no label that asks for sidecars, and stays without. Name it by \`inject-sidecars.namespaces\` to label it`,
  ),
  'other-revision': choice(
    ({ title, labels }: Labelled) => `${title} is labelled \`${labels}\`, not for the revision that you set`,
  ),
  'unanswered-revision': warning(
    ({ title, labels }: Labelled) => `${title} gets no sidecars: no control plane of the input answers \`${labels}\``,
  ),
  'unexplained-revision': choice(
    ({ title, labels }: Labelled) =>
      `${title} is labelled \`${labels}\`, which is no revision of the input. It must be a tag in the cluster (\`istioctl tag list\`)`,
  ),
  'no-default-control-plane': warning(
    ({ title, labels, detail }: Labelled) =>
      `${title} gets no sidecars: only a control plane without a revision answers \`${labels}\`, and those of the input have one${detail}`,
  ),
  'perhaps-no-default-control-plane': choice(
    ({ title, labels }: Labelled) =>
      `${title} is labelled \`${labels}\`, which only the default control plane answers. \`istioctl tag list\` shows whether there is one`,
  ),
  'both-labels': warning(({ title, labels, detail }: Labelled) => `${title} has ${labels} (IST0123)${and(detail)}`),
  'misspelt-injection': warning(
    ({ title, labels }: Labelled) =>
      `${title} gets no sidecars: \`${labels}\` disables injection; only \`enabled\` enables it`,
  ),
  'disabled-namespace': note(({ title, labels }: Labelled) => `${title} disables injection by \`${labels}\``),
  'pod-label-too-new': warning(
    ({ title, labels, detail }: Labelled) =>
      `\`${labels}\` of ${title} is ignored, so its pods get sidecars in injected namespaces: Istio ${detail} reads the annotation of that name`,
  ),
  'misspelt-opt-out': warning(
    ({ title, labels }: Labelled) =>
      `\`${labels}\` of ${title} is ignored since Istio ${facts.onlyTrueAndFalse.since}, so its pods get sidecars in injected namespaces; only \`"false"\` opts out`,
  ),
  'misspelt-opt-in': warning(
    ({ title, labels }: Labelled) => `\`${labels}\` of ${title} does not ask for a sidecar; only \`"true"\` does`,
  ),
  'annotation-opt-in': warning(
    ({ title }: Labelled) =>
      `${title} asks for sidecars by an annotation, which no webhook selects by since Istio ${facts.podLabelSelectors.since}`,
  ),
  'host-network': warning(
    ({ title }: Labelled) => `${title} asks for sidecars, but pods in the host's network never get one`,
  ),
  'barred-by-namespace': warning(
    ({ title, labels }: Labelled) =>
      `${title} asks for sidecars, but its Namespace has \`${labels}\`, which pods cannot override`,
  ),
  'unlabelled-for-pods': warning(
    ({ title, labels }: Labelled) =>
      `${title} asks for sidecars, but up to Istio ${lastWithout('podLabelSelectors')} pods get them only in labelled namespaces. Label ${labels}`,
  ),
  'unknown-revision': refusal(
    (namespaces: readonly string[]) =>
      `${spaces(namespaces)} cannot be labelled: the revision of the control plane is not in the input. ${setRevision} to it, or to \`default\` for one without; \`kubectl get mutatingwebhookconfiguration -l app=sidecar-injector -L istio.io/rev,istio.io/tag\` shows all`,
  ),
  'several-revisions': refusal(
    ({ namespaces, found }: { namespaces: readonly string[]; found: readonly string[] }) =>
      `${spaces(namespaces)} cannot be labelled: the input has several revisions (${found.join(', ')}). ${setRevision} to one of them`,
  ),
  'revision-to-come': caveat(
    ({ label, known }: { label: string; known: readonly string[] }) =>
      `No control plane of the input answers \`${label}\`, so pods get no sidecars until one does. The input has ${known.join(', ')}`,
  ),
  'system-namespaces': note(
    (names: readonly string[]) => `${names.join(', ')}: system namespaces are not part of the mesh`,
  ),
  'absent-namespace': caveat(
    (command: string) => `The Namespaces of some workloads are not in the input. Label them in the cluster: ${command}`,
  ),
  'opted-out-pods': note(
    (workloads: readonly PodTemplate[]) =>
      `${listed(workloads)}: no sidecars, because the pods opt out or are in the host's network`,
  ),
  'endless-jobs': caveat(
    (workloads: readonly PodTemplate[]) =>
      `${listed(workloads)}: a Job does not complete while its sidecar runs, unless that is a native one. Label its pods \`${podLabel}: "false"\`, or let it call \`http://localhost:15020/quitquitquit\` when it is done`,
  ),
});

function spaces(names: readonly string[]): string {
  return `${names.length === 1 ? 'Namespace' : 'Namespaces'} ${names.join(', ')}`;
}

/** What people can do where the input does not show which revision to label with. */
export function labelByHand(found: readonly string[]): string {
  return `Label it \`${revisionLabel}\` with the revision that you use${found.length > 1 ? ` (${someOf(found)})` : ''}, without \`${injectionLabel}\``;
}
