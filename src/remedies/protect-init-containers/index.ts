import { cniInstallOf } from '../../mesh/cni.ts';
import { isSelected, type Mesh } from '../../mesh/mesh.ts';
import { type PrunePlace, prunePlacesOf } from '../../mesh/pruning/places.ts';
import { at } from '../../mesh/read.ts';
import { facts, has, lastWithout } from '../../mesh/since.ts';
import { nativeSidecar } from '../../mesh/start-order.ts';
import { operationsToSet } from '../../mesh/surface/setting.ts';
import type { Version } from '../../mesh/version.ts';
import { type ParameterValues, selection } from '../parameter.ts';
import { defineRemedy, type LegacyStep as Step } from '../remedy.ts';

const parameters = { ...selection } as const;

type Values = ParameterValues<typeof parameters>;

export default defineRemedy({
  id: 'protect-init-containers',
  title: 'istio-init crashes in pods that ran for days',
  summary: 'Find what removes exited containers from nodes, istio-init among them, and suspend the CronJobs that do',
  faq: 'Istio-init Crashes',
  source: 'https://github.com/istio/istio/issues/42792',
  explanation: {
    symptoms: [
      'Init:CrashLoopBackOff',
      'Init:Error',
      'Init:0/1',
      'CrashLoopBackOff',
      'PodInitializing',
      'istio-init',
      'istio-init crashes',
      'init container',
      'initContainers',
      'restarted',
      'iptables',
      'iptables-restore',
      'iptables-restore: line 2 failed',
      'Chain already exists',
      'ISTIO_REDIRECT',
      'ISTIO_IN_REDIRECT',
      'exit status 1',
      'exit code 1',
      'panic',
      'docker container prune',
      'docker container rm',
      'docker system prune',
      'docker rm',
      'prune',
      'crictl rm',
      'nerdctl',
      'crontab',
      'cleanup',
      'cleaned',
      'reentrant',
      're-entrant',
    ],
    symptom:
      'A pod that ran well goes to `Init:CrashLoopBackOff` without a rollout, often many pods of a node at once and at the same hour. The log of `istio-init` ends with `iptables-restore: line 2 failed` and a panic; the application itself may still answer.',
    cause:
      'Something removed the exited container of `istio-init` from the node: `docker container prune`, `docker system prune`, `docker rm` or `crictl rm`, mostly by a crontab. The kubelet misses it and runs it again, and it fails on the iptables chains that it made the first time.',
    change:
      'Suspends CronJobs (`spec.suspend: true`) whose own script, or that of a ConfigMap they mount, removes exited containers of the node. DaemonSets, Deployments, Jobs and ConfigMaps with such a script are named with the command, and with what to write instead. Harmless commands (`docker image prune`, `docker rm NAME`, prunes with a filter that spares pods) are left alone.',
    versions:
      'Up to 1.23. Since 1.24 istio-init leaves compatible rules as they are and may run twice, so nothing is suspended. Where the CNI node agent of Istio sets up pods there is no istio-init. Newer kubelets run init containers again only when no other container of the pod runs, so it strikes later, yet strikes.',
    caution:
      'A suspended CronJob does nothing else either, such as freeing disk space: rewrite its script rather than leave it so for long. Crontabs of the nodes themselves are in no manifest. Other init containers of a pod run again too, at any version.',
    check:
      'On a node: `crictl ps -a --name istio-init` lists one exited container for each pod with a sidecar, also after the hour of the clean-up. Delete a pod that is stuck: its successor starts anew.',
  },
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
