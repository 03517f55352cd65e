import { isObject } from '../../manifest/node.ts';
import type { Operation } from '../../manifest/operation.ts';
import { configPatchesOf, connectionManagerSettings, envoyFilters } from '../../mesh/envoy-filter.ts';
import {
  acceptsHttp10,
  acceptsHttp10MeshWide,
  headerCaseUndoesHttp10,
  preservesCaseMeshWide,
} from '../../mesh/http1.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import { at } from '../../mesh/read.ts';
import { has } from '../../mesh/since.ts';
import { meshConfigOf } from '../../mesh/surface/mesh-config.ts';
import type { Version } from '../../mesh/version.ts';
import { type PodTemplate, proxyConfigOf, proxyConfigPointer, workloadsOf } from '../../mesh/workload.ts';
import { edit, type Step } from '../../step.ts';
import { ambientCount, unreachedBy } from '../mechanisms/audience.ts';
import { missingHttp10Filter } from '../mechanisms/http10-filter.ts';
import { meshConfigSteps } from '../mechanisms/mesh-setting.ts';
import { editProxyConfig, repeatedFields } from '../mechanisms/proxy-config.ts';
import { titleOf } from '../mechanisms/wording.ts';
import type { Target } from '../remedy.ts';
import { caseFault, caseField } from './faults.ts';
import { formatOf, protocolOptions } from './filters.ts';
import { lowerCase } from './lower-case.ts';
import type { HeaderCaseParameters } from './parameters.ts';

/** Finds what the native field, Istio 1.25 and later, takes to preserve header case in the whole mesh. */
export function* findNativeInMesh(target: Target<HeaderCaseParameters>) {
  const { mesh, version } = target;
  const isNew = !preservesCaseMeshWide(mesh);
  if (setInMesh(target).length > 0) yield lowerCase(mesh, {}, { by: 'mesh-config' });
  for (const workload of workloadsOf(mesh)) {
    if (!unreachedBy(mesh, workload) && headersOf(workload)?.[caseField] === false)
      yield caseFault('switched-off', { resource: workload.resource, path: proxyConfigPointer(workload) }, workload);
  }
  yield* findFilters(mesh, version);
  const count = ambientCount(mesh);
  if (count > 0) yield caseFault('ambient-workloads', {}, { count, isNative: true });
  if (!has(version, 'nativeHeaderCaseOverUpgrade')) yield* findUpgrades(mesh);
  if (acceptsHttp10MeshWide(mesh, version)) yield* findClash(mesh, version, undefined);
  if (isNew && !has(version, 'nativeHeaderCaseInPassthrough')) yield caseFault('unknown-hosts', {});
}

/** Sets the field in the mesh config, and repeats it where an annotation replaces the mesh's `proxyHeaders`. */
export function* preserveInMesh(target: Target<HeaderCaseParameters>): Iterable<Step> {
  const { mesh } = target;
  yield* setInMesh(target);
  if (preservesCaseMeshWide(mesh)) return;
  for (const workload of workloadsOf(mesh)) {
    const patch = repeatField(mesh, workload);
    const { resource } = workload;
    const more = { resource, path: proxyConfigPointer(workload), isFurther: true };
    if (patch)
      yield edit(
        `repeat \`${caseField}\` in the \`proxyHeaders\` of ${titleOf(resource)}, which replace those of the mesh`,
        patch,
        more,
      );
  }
}

/** Finds annotations that lose the mesh-wide field. */
export function* findLostField(mesh: Mesh) {
  for (const workload of workloadsOf(mesh)) {
    const patch = preservesCaseMeshWide(mesh) ? repeatField(mesh, workload) : undefined;
    const where = { resource: workload.resource, path: proxyConfigPointer(workload) };
    if (patch) yield caseFault('lost-field', where, { workload, patch });
  }
}

function setInMesh({ mesh, version, parameters: { surface } }: Target<HeaderCaseParameters>): Step[] {
  const effect = 'proxies follow when their pods restart, gateways too';
  return meshConfigSteps(mesh, ['defaultConfig', 'proxyHeaders', caseField], true, { version, surface, effect });
}

function headersOf(workload: PodTemplate) {
  const headers = at(proxyConfigOf(workload), 'proxyHeaders');
  return isObject(headers) ? headers : undefined;
}

/**
 * The edit that repeats the mesh-wide field in an annotation that sets any `proxyHeaders`, which replaces those of the
 * mesh config; undefined where nothing is replaced, or the annotation decides itself.
 *
 * @see https://github.com/istio/istio/blob/master/pkg/config/mesh/mesh.go `MergeProxyConfig`
 */
function repeatField(mesh: Mesh, workload: PodTemplate) {
  const headers = headersOf(workload);
  if (!headers || typeof headers[caseField] === 'boolean' || unreachedBy(mesh, workload)) return undefined;
  const setting = editProxyConfig(workload, ['proxyHeaders', caseField], true);
  return setting.outcome === 'change' ? setting.patch : undefined;
}

/** Until 1.27 an upgrade to HTTP/2 wins over the field, and names are lower case there. */
function* findUpgrades(mesh: Mesh) {
  if (at(meshConfigOf(mesh), 'h2UpgradePolicy') === 'UPGRADE')
    yield caseFault('upgraded-to-http2', {}, 'the mesh config');
  for (const rule of mesh.ofKind('DestinationRule', 'networking.istio.io')) {
    if (JSON.stringify(rule.value['spec'] ?? null).includes('"h2UpgradePolicy":"UPGRADE"'))
      yield caseFault('upgraded-to-http2', { resource: rule }, titleOf(rule));
  }
}

/** Finds what the native field takes to preserve header case in one workload's proxies, by its annotation. */
export function* findNativeInWorkload(mesh: Mesh, workload: PodTemplate, version: Version) {
  const where = { resource: workload.resource, path: proxyConfigPointer(workload) };
  const setting = editProxyConfig(workload, ['proxyHeaders', caseField], true);
  if (setting.outcome === 'cannot') {
    yield caseFault('unreadable-annotation', where, { workload, field: caseField });
    return;
  }
  const isLost = preservesCaseMeshWide(mesh) && repeatField(mesh, workload) !== undefined;
  if (setting.outcome === 'change' && !isLost) {
    const carried = carriedHeaders(mesh, workload);
    const patch = { ...setting.patch, operations: [...setting.patch.operations, ...carried] };
    yield lowerCase(mesh, where, { by: 'annotation', patch, repeats: carried.length > 0 });
  }
  if (acceptsHttp10(workload) || acceptsHttp10MeshWide(mesh, version)) yield* findClash(mesh, version, workload);
}

/** Fields that istiod itself takes over from the mesh config into an annotation's proxyHeaders. */
const keptByIstiod = new Set(['forwardedClientCert', 'requestId', 'attemptCount', 'server', 'envoyDebugHeaders']);

function carriedHeaders(mesh: Mesh, workload: PodTemplate): Operation[] {
  if (headersOf(workload)) return [];
  return repeatedFields(mesh, 'proxyHeaders', (key) => key === caseField || keptByIstiod.has(key));
}

function* findClash(mesh: Mesh, version: Version, workload: PodTemplate | undefined) {
  if (!headerCaseUndoesHttp10(version)) return;
  const missing = missingHttp10Filter(mesh, version, undefined, workload);
  if (missing) yield caseFault('header-case-clash', workload ? { resource: workload.resource } : {}, missing);
}

/** Filters are applied after the field, so they win over it, or are no longer needed. */
function* findFilters(mesh: Mesh, version: Version) {
  for (const filter of envoyFilters(mesh)) {
    const formats = configPatchesOf(filter).map(
      (patch) =>
        formatOf(connectionManagerSettings(patch, version)) ??
        formatOf(protocolOptions(patch)?.['explicit_http_config']),
    );
    const where = { resource: filter };
    if (formats.includes('proper_case_words')) {
      const wins = `it wins over \`${caseField}\``;
      yield caseFault('other-format', where, { filter, format: 'proper_case_words', wins });
    } else if (formats.includes('stateful_formatter')) yield caseFault('superseded-filter', where, filter);
  }
}
