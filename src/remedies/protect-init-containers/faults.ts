import type { PrunePlace } from '../../mesh/pruning/places.ts';
import type { Resource } from '../../mesh/resource.ts';
import { facts, lastWithout } from '../../mesh/since.ts';
import { choice, defineFaults, note, unsure, warning } from '../fault.ts';

const what = ({ config, command }: PrunePlace): string => {
  const text = command.text.length > 80 ? `${command.text.slice(0, 79)}…` : command.text;
  return `\`${text}\`${config ? ` of ConfigMap ${config.name}` : ''} removes exited containers`;
};

export const pruneFault = defineFaults({
  'removes-init-containers': warning(
    (place: PrunePlace) =>
      `${what(place)} of its node, \`istio-init\` too: the kubelet runs it again, and the pod goes to \`Init:CrashLoopBackOff\`. ${place.command.instead}`,
  ),
  'may-remove-init-containers': choice(
    (place: PrunePlace) =>
      `${what(place)}. On a node of the mesh \`istio-init\` then runs again and fails (up to Istio ${lastWithout('reentrantIstioInit')}). ${place.command.instead}`,
  ),
  'removes-other-init-containers': choice(
    (place: PrunePlace) =>
      `${what(place)}. \`istio-init\` may run twice since Istio ${facts.reentrantIstioInit.since}, but other init containers would run again`,
  ),
  'removal-beside-cni': note(
    ({ place, cni }: { place: PrunePlace; cni: Resource }) =>
      `${what(place)}, but pods have no \`istio-init\`: ${cni.kind === '' ? 'the Helm values install' : `${cni.kind} ${cni.name} installs`} Istio's CNI node agent. Other init containers would run again`,
  ),
  'suspended-removal': note((place: PrunePlace) => `${what(place)}, and is suspended. ${place.command.instead}`),
  'no-removal': unsure(
    'Nothing in the input removes containers from nodes. Look at the nodes themselves: `grep -rE "prune|docker (container )?rm|crictl rm" /etc/cron* /var/spool/cron /etc/systemd/system`',
  ),
});
