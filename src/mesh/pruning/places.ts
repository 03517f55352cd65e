import type { Json } from '../../manifest/node.ts';
import { pointer } from '../../manifest/pointer.ts';
import type { Mesh } from '../mesh.ts';
import { at, listAt, objectAt, stringAt } from '../read.ts';
import { namespaceOf, type Resource } from '../resource.ts';
import { type PodTemplate, podTemplateOf } from '../workload.ts';
import { type PruneCommand, pruneCommandsIn } from './prune-commands.ts';

/** A script of the input that removes containers. */
export interface PrunePlace {
  /** What runs it; the ConfigMap itself when nothing of the input does. */
  readonly resource: Resource;
  /** Pointer to the script in `resource`. */
  readonly path?: string;
  /** The ConfigMap that holds it, when that is another resource. */
  readonly config?: Resource;
  readonly command: PruneCommand;
  /** True when the pod reaches the container runtime of its node, false when it does not as far as one can see. */
  readonly onNode: boolean;
}

/** The scripts of a mesh that remove exited containers of pods: one place for each that runs them. */
export function prunePlacesOf(mesh: Mesh): PrunePlace[] {
  const scripts = new Map<Resource, ConfigScript>();
  for (const config of mesh.ofKind('ConfigMap', '')) {
    const script = configScript(config);
    if (script) scripts.set(config, script);
  }
  const run = new Set<Resource>();
  const places = mesh.resources.flatMap((resource) => {
    const workload = podTemplateOf(resource);
    if (!workload) return [];
    const mounted = [...scripts].filter(([config]) => uses(workload, config));
    for (const [config] of mounted) run.add(config);
    return placesInWorkload(workload, mounted);
  });
  const unused = [...scripts].filter(([config]) => !run.has(config));
  return [...places, ...unused.map(([config, script]) => ({ resource: config, ...script, onNode: false }))];
}

/** @param mounted - the ConfigMaps with a script that the workload uses */
function placesInWorkload(
  workload: PodTemplate,
  mounted: readonly (readonly [Resource, ConfigScript])[],
): PrunePlace[] {
  const { resource } = workload;
  const own = ownScript(workload);
  if ((!own && mounted.length === 0) || hasDaemonOfItsOwn(workload)) return [];
  const onNode = reachesRuntime(workload);
  if (own) return [{ resource, ...own, onNode }];
  return mounted.map(([config, { command }]) => ({ resource, config, command, onNode }));
}

interface ConfigScript {
  readonly path: string;
  readonly command: PruneCommand;
}

function configScript(config: Resource): ConfigScript | undefined {
  for (const [key, text] of Object.entries(objectAt(config.value, 'data'))) {
    const isProse = /\.(md|markdown|rst|adoc|html?)$/i.test(key); // where backticks are not substitutions
    const [command] = typeof text === 'string' && !isProse ? pruneCommandsIn(text) : [];
    if (command) return { path: pointer('data', key), command };
  }
  return undefined;
}

/** The first command in the containers of a workload, with the pointer to it. */
function ownScript(workload: PodTemplate): ConfigScript | undefined {
  for (const list of ['containers', 'initContainers']) {
    for (const [index, container] of listAt(workload.value, 'spec', list).entries()) {
      for (const { path, words } of entrypointsOf(container)) {
        const [command] = pruneCommandsIn(scriptOf(words));
        if (command) return { path: pointer(...workload.path, 'spec', list, index, ...path), command };
      }
    }
  }
  return undefined;
}

/** What a container runs, and where that is. */
function entrypointsOf(container: Json): { readonly path: readonly string[]; readonly words: readonly Json[] }[] {
  const args = listAt(container, 'args');
  const hooks = ['postStart', 'preStop'].map((hook) => ['lifecycle', hook, 'exec', 'command']);
  return [
    { path: [args.length > 0 ? 'args' : 'command'], words: [...listAt(container, 'command'), ...args] },
    ...hooks.map((path) => ({ path, words: listAt(container, ...path) })),
  ];
}

/** The words of a container's command as a shell would take them: each is one word, whatever is in it. */
function scriptOf(words: readonly Json[]): string {
  return words
    .filter((word): word is string => typeof word === 'string')
    .map((word) => (/^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", '"')}'`))
    .join(' ');
}

/** True when a workload has a ConfigMap as a volume. */
function uses({ value, resource }: PodTemplate, config: Resource): boolean {
  if (namespaceOf(resource) !== namespaceOf(config)) return false;
  return listAt(value, 'spec', 'volumes').some((volume) => {
    const names = [
      stringAt(volume, 'configMap', 'name'),
      ...listAt(volume, 'projected', 'sources').map((source) => stringAt(source, 'configMap', 'name')),
    ];
    return names.includes(config.name);
  });
}

/** Where container runtimes listen. */
const sockets = [
  '/var/run/docker.sock',
  '/run/docker.sock',
  '/var/run/cri-dockerd.sock',
  '/run/cri-dockerd.sock',
  '/run/containerd/containerd.sock',
  '/var/run/containerd/containerd.sock',
  '/run/k3s/containerd/containerd.sock',
  '/run/crio/crio.sock',
  '/var/run/crio/crio.sock',
];

function reachesRuntime({ value }: PodTemplate): boolean {
  if (at(value, 'spec', 'hostPID') === true) return true;
  return listAt(value, 'spec', 'volumes').some((volume) => {
    const path = stringAt(volume, 'hostPath', 'path')?.replace(/\/+$/, '');
    return path !== undefined && sockets.some((socket) => socket === path || socket.startsWith(`${path}/`));
  });
}

/** True for a pod that brings a Docker daemon, or talks to one over the network: that runs no pods. */
function hasDaemonOfItsOwn(workload: PodTemplate): boolean {
  if (reachesRuntime(workload)) return false;
  const containers = [
    ...listAt(workload.value, 'spec', 'containers'),
    ...listAt(workload.value, 'spec', 'initContainers'),
  ];
  return containers.some((container) => {
    const hosts = listAt(container, 'env').filter((item) => at(item, 'name') === 'DOCKER_HOST');
    return /dind/.test(stringAt(container, 'image') ?? '') || hosts.length > 0;
  });
}
