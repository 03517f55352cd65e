import { derived } from '../../mesh/derived.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import { hasProxy, workloadsOf } from '../../mesh/workload.ts';
import type { Where } from '../fault.ts';
import { caseFault, type Lowered } from './faults.ts';

/** A fault of proxies that write header names in lower case; where the input shows no proxy, it is only for those who ask. */
export function lowerCase(mesh: Mesh, where: Where, lowered: Lowered) {
  return caseFault('lower-case', { ...where, ...(hasProxies(mesh) ? {} : { reported: 'when asked' }) }, lowered);
}

/** True when the input shows a proxy. */
export const hasProxies = derived((mesh) => workloadsOf(mesh).some((workload) => hasProxy(mesh, workload)));
