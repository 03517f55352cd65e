import type { Mesh } from '../../mesh/mesh.ts';
import type { Resource } from '../../mesh/resource.ts';
import { destinationHost } from '../../mesh/service.ts';
import { literalService } from '../../mesh/service-behind.ts';
import { warning } from '../fault.ts';

export interface LiteralHost {
  /** As written: `reviews.shop`. */
  readonly host: string;
  /** The Service that is probably meant. */
  readonly fqdn: string;
}

/** The kind of fault of a DestinationRule for a host such as `reviews.shop`; codes call it `literal-host`. */
export const literalHost = warning(
  ({ host, fqdn }: LiteralHost) =>
    `Istio completes only names without a dot, so host ${host} is taken literally, and this DestinationRule applies to nothing. Write ${fqdn}`,
);

/**
 * What is wrong with the host of a DestinationRule that is taken literally; undefined for every other host.
 *
 * @see https://github.com/istio/istio/blob/1.31.0/pilot/pkg/model/virtualservice.go `ResolveShortnameToFQDN`
 */
export function literalHostOf(mesh: Mesh, rule: Resource): LiteralHost | undefined {
  const host = destinationHost(rule);
  const fqdn = host === undefined ? undefined : literalService(mesh, host);
  return host === undefined || fqdn === undefined ? undefined : { host, fqdn };
}
