import { isObject, type Json } from '../../manifest/node.ts';
import type { Operation } from '../../manifest/operation.ts';
import { pointer } from '../../manifest/pointer.ts';
import { at, listAt, stringAt } from '../../mesh/read.ts';
import type { PodTemplate } from '../../mesh/workload.ts';
import type { LegacyStep as Step } from '../remedy.ts';

/** What gRPC's C core, and all languages built on it, take the resolver from. */
export const grpcResolver = 'GRPC_DNS_RESOLVER';

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

/** The steps that give a workload's containers the resolver, in one patch, and what stays as it is. */
export function* planContainers(workload: PodTemplate, why: string): Iterable<Step> {
  const { resource } = workload;
  const operations: Operation[] = [];
  const names: string[] = [];
  for (const { name, value, path } of applicationContainers(workload)) {
    const env = at(value, 'env');
    const place = { resource, path: pointer(...path, ...(env === undefined ? [] : ['env'])) };
    if (env !== undefined && env !== null && !Array.isArray(env)) {
      const message = `env of container ${name} is no list, so ${grpcResolver} cannot be added to it`;
      yield { severity: 'warning', outcome: 'keep', message, ...place };
      continue;
    }
    const found = listAt(env).findLast((item) => at(item, 'name') === grpcResolver);
    const current = at(found, 'value');
    if (current === 'native') continue;
    if (found !== undefined) {
      const written = typeof current === 'string' && current !== '' ? `is ${current}` : 'is set';
      const message = `${grpcResolver} of container ${name} ${written} already, which stays`;
      yield { severity: 'info', outcome: 'keep', message, ...place };
      continue;
    }
    const item = { name: grpcResolver, value: 'native' };
    if (Array.isArray(env)) operations.push({ op: 'add', path: pointer(...path, 'env', '-'), value: item });
    else operations.push({ op: env === null ? 'replace' : 'add', path: pointer(...path, 'env'), value: [item] });
    names.push(name);
  }
  if (operations.length === 0) return;
  yield {
    severity: 'info',
    outcome: 'change',
    message: `${why}: sets ${grpcResolver}=native in ${names.length === 1 ? 'container' : 'containers'} ${names.join(', ')}, so that gRPC asks the C library; its pods restart`,
    resource,
    path: pointer(...workload.path, 'spec', 'containers'),
    patch: { resource, operations },
  };
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
