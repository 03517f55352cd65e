import { isObject } from '../../manifest/node.ts';
import { isSelected, type Mesh } from '../../mesh/mesh.ts';
import { at, listAt, stringAt } from '../../mesh/read.ts';
import { has } from '../../mesh/since.ts';
import { holdField, isHookReplaced, nativeSidecar } from '../../mesh/start-order.ts';
import type { Version } from '../../mesh/version.ts';
import { isGateway, type PodTemplate, proxyConfigPointer, workloadsOf } from '../../mesh/workload.ts';
import { unreachedBy, unreachedFaults } from '../mechanisms/audience.ts';
import { surfaceParameter } from '../mechanisms/mesh-setting.ts';
import { unreadableProxyConfig } from '../mechanisms/proxy-config.ts';
import { type ParameterValues, selection } from '../parameter.ts';
import { defineRemedy, type LegacyStep as Step } from '../remedy.ts';
import { holdPatch, meansTrue, misplacedIn, ownWordOf } from './annotation.ts';
import { faults } from './faults.ts';
import { forMesh, heldInMesh, onOldVersion, refusal } from './mesh-wide.ts';
import { effect, hookAdvice, keptFalse, named, nativeNote, notWaiting } from './messages.ts';

const parameters = {
  ...selection,
  scope: {
    type: 'enum',
    values: ['workload', 'mesh'],
    default: 'workload',
    help: 'workload: the pods of chosen workloads, by their annotation; mesh: all pods, by the mesh config',
  },
  ...surfaceParameter,
} as const;

type Values = ParameterValues<typeof parameters>;

export default defineRemedy({
  id: 'hold-application',
  source:
    'https://istio.io/latest/docs/ops/common-problems/injection/#pod-or-containers-start-with-network-issues-if-istio-proxy-is-not-ready',
  parameters,

  *plan(mesh, values, { version, requested }) {
    if (!requested) yield* faults(mesh, version);
    else if (!has(version, 'holdInProxyConfig')) yield* onOldVersion(mesh, values, version);
    else if (isHookReplaced(mesh)) yield refusal(hookAdvice);
    else if (values.scope === 'mesh') yield* forMesh(mesh, values, version);
    else yield* forWorkloads(mesh, values, version);
  },
});

function* forWorkloads(mesh: Mesh, values: Values, version: Version): Iterable<Step> {
  const chosen = workloadsOf(mesh).filter(({ resource }) => isSelected(resource, values));
  if (chosen.length === 0) {
    const message = 'No workload of the chosen namespaces and names is in the input';
    yield { severity: 'warning', outcome: 'advise', message };
    return;
  }
  const held = heldInMesh(mesh);
  if (held !== undefined) yield { severity: 'info', outcome: 'keep', message: held };
  const isDefault = held !== undefined;
  let isChanged = false;
  for (const workload of chosen) {
    const step = forWorkload(mesh, workload, values, version, isDefault);
    if (!step) continue;
    isChanged ||= step.outcome === 'change';
    yield step;
  }
  if (isChanged) yield* nativeNote(mesh, version);
}

function forWorkload(
  mesh: Mesh,
  workload: PodTemplate,
  values: Values,
  version: Version,
  isDefault: boolean,
): Step | undefined {
  const { resource } = workload;
  const { isReadable, value, slip } = ownWordOf(workload);
  const isBroken = value !== undefined && typeof value !== 'boolean';
  const outOfReach = whyOutOfReach(mesh, workload, isBroken ? undefined : version);
  if (outOfReach) return { severity: 'info', resource, ...outOfReach };

  const path = proxyConfigPointer(workload);
  if (!isReadable) {
    const message = unreadableProxyConfig.message({ workload, field: holdField });
    return { severity: 'error', outcome: 'refuse', message, resource, path };
  }
  const isNamed = values.names?.includes(resource.name) ?? false;
  const isRefusing = value === false || (isBroken && !meansTrue(value));
  if (value === true || (isDefault && value === undefined)) return undefined;
  if (isRefusing && !isNamed) return keptFalse(workload);

  const misplaced = value === undefined ? misplacedIn(workload) : undefined;
  if (misplaced?.move) {
    const message = `${notWaiting}. Moves the annotation proxy.istio.io/config of ${named(workload)}, which asks for ${holdField}, to its pod template, where it counts; ${effect}${notHelped(workload, version)}`;
    return { severity: 'warning', outcome: 'change', message, resource, path: misplaced.path, patch: misplaced.move };
  }
  const instead = slip === undefined ? '' : ` instead of ${slip}, which is no field`;
  const message = `${notWaiting}. Sets ${holdField}: true for ${named(workload)}${instead}; ${effect}${notHelped(workload, version)}`;
  return { severity: 'warning', outcome: 'change', message, resource, path, patch: holdPatch(workload) };
}

const unreachedKinds = unreachedFaults({
  ambient: ', so it has no sidecar to wait for: ztunnel is there before its pods',
  withoutSidecar: ', so there is nothing to wait for',
});

/** @param version - undefined to change a native sidecar's proxy config too, which its injector refuses as it is */
function whyOutOfReach(
  mesh: Mesh,
  workload: PodTemplate,
  version: Version | undefined,
): { readonly outcome: 'keep' | 'advise'; readonly message: string } | undefined {
  const name = named(workload);
  if (isGateway(workload))
    return { outcome: 'keep', message: `${name} is a gateway: it has no application to hold back` };
  const unreached = unreachedBy(mesh, workload);
  if (unreached) {
    const { outcome, message } = unreachedKinds[unreached];
    return { outcome: outcome === 'advise' ? 'advise' : 'keep', message: message(workload) };
  }
  if (version && nativeSidecar(mesh, workload, version) === 'yes')
    return { outcome: 'keep', message: `The proxy of ${name} is a native sidecar, which starts before it anyway` };
  return undefined;
}

/** What the field does not do for a workload of this shape, as a further clause or sentence. */
function notHelped({ resource, value }: PodTemplate, version: Version): string {
  const inits = listAt(value, 'spec', 'initContainers').filter(
    (container) => isObject(container) && at(container, 'restartPolicy') !== 'Always',
  );
  const names = inits.map((container) => stringAt(container, 'name') ?? '').filter((name) => name !== '');
  const isJob = resource.kind === 'Job' || resource.kind === 'CronJob';
  const better = has(version, 'nativeSidecarAnnotation')
    ? '. The annotation sidecar.istio.io/nativeSidecar: "true" does, where Kubernetes is 1.29 or later'
    : '';
  const init = names.length > 0 ? `its init containers (${names.join(', ')}) still run before the proxy` : '';
  const job = isJob ? 'the proxy still outlives the Job, which it does not help to end' : '';
  const said = [init, job].filter((text) => text !== '').join(', and ');
  return said === '' ? '' : `. It does not help with everything: ${said}${better}`;
}
