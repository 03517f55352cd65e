import type { JsonObject } from '../../manifest/node.ts';
import type { Resource } from '../../mesh/resource.ts';
import { serviceHost } from '../../mesh/service.ts';
import type { Version } from '../../mesh/version.ts';
import { networkingApiVersion } from '../../mesh/virtual-service.ts';

/**
 * What the template of a new DestinationRule or VirtualService for a Service is filled with, beside its settings.
 *
 * @param name - never the Service's own: a resource of that name may be in the cluster without being in the input
 */
export function forService(service: Resource, name: string, version: Version): JsonObject {
  return {
    apiVersion: networkingApiVersion(version),
    name,
    namespace: service.namespace ?? null,
    host: writtenHost(service),
  };
}

/** A Service without a namespace is given one later, by kustomize or kubectl: a short name follows it there. */
export function writtenHost(service: Resource): string {
  return service.namespace === undefined ? service.name : serviceHost(service);
}
