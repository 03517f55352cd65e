import { isObject, type Json } from '../../manifest/node.ts';
import type { Operation } from '../../manifest/operation.ts';
import { pointer } from '../../manifest/pointer.ts';
import { at, listAt, stringAt } from '../../mesh/read.ts';
import type { PodTemplate } from '../../mesh/workload.ts';
import { type Change, edit, placeIn } from '../../step.ts';
import { type DefaultResolver, dnsFault } from './faults.ts';
import { grpcResolver } from './variables.ts';

interface Container {
  readonly name: string;
  readonly value: Json;
  /** Keys from the resource. */
  readonly path: readonly (string | number)[];
}

/**
 * The containers that run beside the proxy: not the proxy itself, and of the init containers, which run before it, only
 * those that stay (native sidecars).
 */
function applicationContainers({ value, path }: PodTemplate): Container[] {
  const ofList = (list: 'containers' | 'initContainers'): Container[] =>
    listAt(value, 'spec', list).flatMap((container, index) => {
      const name = stringAt(container, 'name') ?? String(index);
      const stays = list === 'containers' || at(container, 'restartPolicy') === 'Always';
      const isOurs = name !== 'istio-proxy' && stays && isObject(container);
      return isOurs ? [{ name, value: container, path: [...path, 'spec', list, index] }] : [];
    });
  return [...ofList('containers'), ...ofList('initContainers')];
}

/**
 * Finds the containers of a workload that do not say which resolver gRPC takes, and why others stay as they are.
 *
 * @param code - why they are to get that of the C library
 */
export function* findInContainers(workload: PodTemplate, code: 'default-resolver' | 'forced-resolver') {
  const { resource } = workload;
  const lacking: Container[] = [];
  for (const container of applicationContainers(workload)) {
    const { name, value, path } = container;
    const env = at(value, 'env');
    const place = placeIn(resource, ...path, ...(env === undefined ? [] : ['env']));
    const found = listAt(env).findLast((item) => at(item, 'name') === grpcResolver);
    if (env !== undefined && env !== null && !Array.isArray(env)) yield dnsFault('unreadable-env', place, name);
    else if (found === undefined) lacking.push(container);
    else if (at(found, 'value') !== 'native')
      yield dnsFault('other-resolver', place, { container: name, value: stringAt(found, 'value') });
  }
  if (lacking.length === 0) return;
  const containers = lacking.map(({ name }) => name);
  const where = placeIn(resource, ...workload.path, 'spec', 'containers');
  yield dnsFault(code, where, { workload, containers, operations: lacking.map(addResolver) });
}

function addResolver({ value, path }: Container): Operation {
  const env = at(value, 'env');
  const item = { name: grpcResolver, value: 'native' };
  if (Array.isArray(env)) return { op: 'add', path: pointer(...path, 'env', '-'), value: item };
  return { op: env === null ? 'replace' : 'add', path: pointer(...path, 'env'), value: [item] };
}

/** Makes gRPC ask the C library. */
export function setResolver({ workload: { resource }, containers, operations }: DefaultResolver): Change {
  const which = `${containers.length === 1 ? 'container' : 'containers'} ${containers.join(', ')}`;
  const fix = `set \`${grpcResolver}: native\` in ${which}, so that gRPC asks the C library; its pods restart`;
  return edit(fix, { resource, operations });
}

/**
 * Containers whose image says that its C library is musl, as `container (image)`. Only the name can tell: an image built
 * on Alpine under a name of its own is not found.
 */
export function muslImages(workload: PodTemplate): string[] {
  return applicationContainers(workload).flatMap(({ name, value }) => {
    const image = stringAt(value, 'image') ?? '';
    return /(^|[/:._-])(alpine|musl)/i.test(image) ? [`${name} (${image})`] : [];
  });
}
