import type { Mesh } from './mesh.ts';
import type { Resource } from './resource.ts';

/**
 * A resource that shows a mesh of OpenShift Service Mesh 2 (Maistra). Its injector looks at the pods' annotation
 * `sidecar.istio.io/inject` in the namespaces of the ServiceMeshMemberRoll, and at no label.
 *
 * @see https://docs.redhat.com/en/documentation/openshift_container_platform/4.14/html/service_mesh/service-mesh-2-x
 */
export function maistraResource(mesh: Mesh): Resource | undefined {
  return mesh.resources.find(({ group }) => group === 'maistra.io');
}
