import { cniInstallOf } from '../../mesh/cni.ts';
import { isSelected, type Mesh } from '../../mesh/mesh.ts';
import { type PrunePlace, prunePlacesOf } from '../../mesh/pruning/places.ts';
import { at } from '../../mesh/read.ts';
import { facts, has, lastWithout } from '../../mesh/since.ts';
import { nativeSidecar } from '../../mesh/start-order.ts';
import type { Version } from '../../mesh/version.ts';
import { operationsToSet } from '../../operations.ts';
import { type ParameterValues, selection } from '../parameter.ts';
import { defineRemedy, type LegacyStep as Step } from '../remedy.ts';

const parameters = { ...selection } as const;

type Values = ParameterValues<typeof parameters>;

export default defineRemedy({
  id: 'protect-init-containers',
  source: 'https://github.com/istio/istio/issues/42792',
  parameters,

  *plan(mesh, values, { version, requested }) {
    if (requested) yield* plan(mesh, values, version);
    else yield* diagnosis(mesh, version);
  },
});

function* plan(mesh: Mesh, values: Values, version: Version): Iterable<Step> {
  const places = prunePlacesOf(mesh).filter(({ resource }) => isSelected(resource, values));
  if (places.length === 0) {
    yield {
      severity: 'info',
      outcome: 'advise',
      message:
        'Nothing in the input removes containers from nodes; look at the nodes themselves: grep -rE "prune|docker (container )?rm|crictl rm" /etc/cron* /var/spool/cron /etc/systemd/system',
    };
  }
  const harmless = harmlessReason(mesh, version);
  for (const place of places) {
    if (harmless === undefined) yield* placeSteps(place);
    else {
      const message = `${named(place)} may stay as it is: ${harmless}. Other init containers would still run again`;
      yield { severity: 'info', outcome: 'keep', message, ...placeOf(place) };
    }
  }
}

/**
 * Why a removed istio-init does no harm in this mesh; undefined when it does.
 *
 * @see https://github.com/istio/istio/pull/50328 "Idempotency for istio-iptables apply flow", in 1.24
 */
function harmlessReason(mesh: Mesh, version: Version): string | undefined {
  const cni = cniInstallOf(mesh);
  if (cni)
    return `by ${cni.kind === '' ? 'the Helm values' : `${cni.kind} ${cni.name}`} Istio's CNI node agent sets up pods, without istio-init`;
  return has(version, 'reentrantIstioInit')
    ? `since Istio ${facts.reentrantIstioInit.since} istio-init may run twice`
    : undefined;
}

/** What is wrong with a place where nothing makes it harmless. A CronJob that is suspended already does nothing. */
function* placeSteps(place: PrunePlace): Iterable<Step> {
  const { resource, command } = place;
  const why = `${named(place)} removes exited containers from its node, istio-init among them: the kubelet runs it again, it fails on its own iptables rules, and the pod goes to Init:CrashLoopBackOff`;
  if (resource.kind !== 'CronJob') {
    const message = `${why}; ${command.instead}`;
    yield { severity: 'warning', outcome: 'advise', message, ...placeOf(place) };
    return;
  }
  if (at(resource.value, 'spec', 'suspend') === true) {
    const message = `Suspended already, and ${named(place)} would remove exited containers: before it runs again, ${command.instead}`;
    yield { severity: 'info', outcome: 'keep', message, ...placeOf(place) };
    return;
  }
  const setting = operationsToSet(resource.value, ['spec', 'suspend'], true);
  if (setting.outcome !== 'change') return;
  yield {
    severity: 'warning',
    outcome: 'change',
    message: `${why}. Suspends it, with all else that it does, from its next run on; to let it run again, ${command.instead}`,
    ...placeOf(place),
    patch: { resource, operations: setting.operations },
  };
}

function* diagnosis(mesh: Mesh, version: Version): Iterable<Step> {
  const places = prunePlacesOf(mesh).filter(({ resource }) => at(resource.value, 'spec', 'suspend') !== true);
  if (places.length === 0 || cniInstallOf(mesh)) return;
  // With native sidecars a pod never is without a running container, so kubelets have no reason to start over.
  const isMild = has(version, 'reentrantIstioInit') || nativeSidecar(mesh, undefined, version) === 'yes';
  const sure = isMild ? [] : places.filter(({ onNode }) => onNode);
  for (const place of sure) yield* placeSteps(place);
  const [first, ...more] = places.filter((place) => !sure.includes(place));
  if (!first) return;
  const others = more.length > 0 ? ` (and ${more.length} more)` : '';
  const message = has(version, 'reentrantIstioInit')
    ? `${named(first)}${others} removes exited containers: istio-init may run twice since Istio ${facts.reentrantIstioInit.since}, other init containers would run again`
    : `${named(first)}${others} removes exited containers: where it does so on a node of the mesh, istio-init runs again and fails (up to Istio ${lastWithout('reentrantIstioInit')}); ${first.command.instead}`;
  yield { severity: 'info', outcome: 'advise', message, ...placeOf(first) };
}

function placeOf({ resource, path }: PrunePlace): Pick<Step, 'resource' | 'path'> {
  return { resource, ...(path === undefined ? {} : { path }) };
}

/** `"docker system prune -f" of ConfigMap scripts`: the command, since what runs it is told as the place. */
function named({ config, command }: PrunePlace): string {
  const text = command.text.length > 80 ? `${command.text.slice(0, 79)}…` : command.text;
  return `"${text}"${config ? ` of ConfigMap ${config.name}` : ''}`;
}
