import { pointer } from '../../manifest/pointer.ts';
import { acceptsHttp10MeshWide, headerCaseUndoesHttp10, preservesCaseMeshWide } from '../../mesh/http1.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import { at } from '../../mesh/read.ts';
import { namespaceOf } from '../../mesh/resource.ts';
import { isGoTrue, setEnv, valueIn } from '../../mesh/surface/env.ts';
import { surfacesOf } from '../../mesh/surface/surface.ts';
import { isUnquoted } from '../../mesh/unquoted.ts';
import type { Version } from '../../mesh/version.ts';
import { hasProxy, proxyConfigOf, proxyConfigPointer, workloadsOf } from '../../mesh/workload.ts';
import { skipOf } from '../../run/skip.ts';
import { clashNote } from '../mechanisms/http10-filter.ts';
import { proxyConfigPatch } from '../mechanisms/proxy-config.ts';
import type { LegacyStep as Step } from '../remedy.ts';
import { nginxAdvice } from './nginx.ts';
import { named, why } from './wording.ts';

/** What is wrong in the manifests whether or not anybody asks for HTTP/1.0. */
export function* faultsOfHttp10(mesh: Mesh, version: Version): Iterable<Step> {
  for (const workload of workloadsOf(mesh)) {
    const { resource } = workload;
    const value = at(proxyConfigOf(workload), 'proxyMetadata', 'ISTIO_META_HTTP10');
    if (value === undefined || value === '1' || value === '' || value === '0' || value === 'false') continue;
    const operation = { op: 'replace' as const, path: pointer('proxyMetadata', 'ISTIO_META_HTTP10'), value: '1' };
    yield {
      severity: 'warning',
      outcome: 'change',
      message: `ISTIO_META_HTTP10: ${JSON.stringify(value)} of ${named(resource)} is ignored: only the string "1" switches HTTP/1.0 on`,
      resource,
      path: proxyConfigPointer(workload),
      parameters: { scope: 'workload', namespaces: [namespaceOf(resource)], names: [resource.name] },
      patch: proxyConfigPatch(workload, [operation]),
    };
  }
  yield* unquotedSwitches(mesh, version);
  if (headerCaseUndoesHttp10(version) && preservesCaseMeshWide(mesh) && acceptsHttp10MeshWide(mesh, version))
    yield { severity: 'warning', outcome: 'advise', message: `${clashNote}: upgrade` };
  if (acceptsHttp10MeshWide(mesh, version)) return;
  yield* nginxAdvice(mesh, 'warning');
  const surfaces = surfacesOf(mesh);
  const switches = surfaces.filter(({ env }) => env.length > 0);
  if (switches.length > 0 && switches.every(({ resource }) => skipOf(resource, 'support-http10'))) return;
  if (surfaces.length === 0 && !workloadsOf(mesh).some((workload) => hasProxy(mesh, workload))) return;
  const message = `${why}. nginx as a reverse proxy and ab are such clients unless told otherwise; if there are some, let proxies take HTTP/1.0`;
  yield { severity: 'info', outcome: 'change', message, parameters: {} };
}

/** Outside of Helm values the API server refuses a value that is no string, and the whole resource with it. */
function* unquotedSwitches(mesh: Mesh, version: Version): Iterable<Step> {
  for (const surface of surfacesOf(mesh)) {
    for (const place of surface.env) {
      const value = valueIn(place, 'PILOT_HTTP10');
      if (place.lenient || !isUnquoted(value)) continue;
      const setting = setEnv(surface, 'PILOT_HTTP10', String(isGoTrue(String(value))), version);
      if (setting.outcome !== 'change') continue;
      const { resource } = surface;
      yield {
        severity: 'error',
        outcome: 'change',
        message: `PILOT_HTTP10: ${value} of ${named(resource)} is no string, so Kubernetes refuses the resource`,
        resource,
        path: setting.path,
        parameters: {},
        patch: { resource, operations: setting.operations },
      };
    }
  }
}
