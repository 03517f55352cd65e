import { acceptsHttp10 } from '../../mesh/http1.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import { listAt, objectAt, stringAt } from '../../mesh/read.ts';
import { namespaceOf, type Resource } from '../../mesh/resource.ts';
import { hasProxy, type PodTemplate, workloadsOf } from '../../mesh/workload.ts';
import { placeIn, type ResourcePlace } from '../../step.ts';

/** Where nginx proxies to other pods by HTTP/1.0, as it does unless configured otherwise. */
export function nginxUpstreams(mesh: Mesh): Required<ResourcePlace>[] {
  return mesh.ofKind('ConfigMap', '').flatMap((config) =>
    Object.keys(objectAt(config.value, 'data')).flatMap((key) => {
      const text = (stringAt(config.value, 'data', key) ?? '').replace(/^\s*#.*$/gm, '');
      return speaksHttp10(text) && !meetsNoRefusal(mesh, config) ? [placeIn(config, 'data', key)] : [];
    }),
  );
}

const loopback = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\]|unix)(:|\/|$)/;

/** True when a configuration proxies plain HTTP to another pod: no proxy refuses what goes to the own one, or by TLS. */
function speaksHttp10(text: string): boolean {
  if (/\bproxy_http_version\b/.test(text)) return false;
  const upstreams = upstreamsOf(text);
  return [...text.matchAll(/\bproxy_pass\s+(?:http:\/\/)?([^\s;]+)/g)].some(([, target = '']) => {
    if (/^(https:|\$scheme)/.test(target)) return false;
    const servers = upstreams.get(target.replace(/[:/].*$/, '')) ?? [];
    return servers.length === 0 ? !loopback.test(target) : servers.some((server) => !loopback.test(server));
  });
}

/** The servers of each `upstream NAME { server …; }`; lengths are bounded, so that no text takes long to match. */
function upstreamsOf(text: string): ReadonlyMap<string, readonly string[]> {
  const blocks = text.matchAll(/\bupstream\s{1,9}([^\s{]{1,99})\s{0,9}\{([^{}]{0,9999})\}/g);
  return new Map(
    [...blocks].map(([, name = '', body = '']) => {
      return [name, [...body.matchAll(/\bserver\s+([^\s;]+)/g)].map(([, server]) => server as string)];
    }),
  );
}

/** True when all workloads that mount a ConfigMap have no proxy, or one that takes HTTP/1.0; false when none is in the input. */
function meetsNoRefusal(mesh: Mesh, config: Resource): boolean {
  const users = workloadsOf(mesh).filter((workload) => mounts(workload, config));
  return users.length > 0 && users.every((workload) => !hasProxy(mesh, workload) || acceptsHttp10(workload));
}

function mounts(workload: PodTemplate, config: Resource): boolean {
  if (namespaceOf(workload.resource) !== namespaceOf(config)) return false;
  return listAt(workload.value, 'spec', 'volumes').some(
    (volume) =>
      stringAt(volume, 'configMap', 'name') === config.name ||
      listAt(volume, 'projected', 'sources').some((source) => stringAt(source, 'configMap', 'name') === config.name),
  );
}
