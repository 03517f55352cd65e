import type { Resource } from '../../mesh/resource.ts';
import { caveat, defineFaults, note, unsure, warning } from '../fault.ts';
import type { Move } from './move.ts';

/** What sends to a headless Service, and the Service that it could send to instead. */
interface Caller {
  readonly caller: Resource;
  readonly headless: Resource;
  readonly twin: string;
}

export const balanceFault = defineFaults({
  'ignored-balancing': warning(
    ({ ignored, headless }: Move) =>
      `${ignored} has no effect on headless Service ${headless.name}: sidecars use the pod IP that the client resolved`,
  ),
  'unbalanced-in-mesh': caveat(
    ({ ignored, headless }: Move) =>
      `${ignored} has no effect on headless Service ${headless.name} inside the mesh: sidecars use the pod IP that the client resolved; only gateways balance it`,
  ),
  'already-moved': note(
    ({ rule, gateway }: { rule: Resource; gateway: Resource | undefined }) =>
      `DestinationRule ${rule.name} is for a Service with an address already, so nothing is moved${gateway ? `; gateways use what is set here (${gateway.kind} ${gateway.name})` : ''}`,
  ),
  'balanced-by-istiod': note(
    'istiod gives sidecars the pods of headless Services to balance (`PILOT_ENABLE_EDS_FOR_HEADLESS_SERVICES`), so their DestinationRules take effect',
  ),
  ambient: note(
    (host: string) =>
      `${host} is in ambient mode, where no sidecar applies this DestinationRule. Call a Service with an address that uses a waypoint`,
  ),
  'wildcard-host': note(
    ({ host, covered }: { host: string; covered: readonly Resource[] }) =>
      `Host ${host} covers other Services, too, so this DestinationRule stays; it has no effect on headless ${covered.length === 1 ? 'Service' : 'Services'} ${covered.map(({ name }) => name).join(', ')}. Give ${covered[0]?.name} a DestinationRule of its own`,
  ),
  'route-to-headless': unsure(
    ({ caller, headless, twin }: Caller) =>
      `${caller.kind} ${caller.name} sends to headless Service ${headless.name}, and stays because requests to single pods (POD.${headless.name}) use it, too. Name ${twin} there if no client addresses a single pod`,
  ),
  'egress-without-twin': caveat(
    ({ caller, headless, twin }: Caller) =>
      `The egress hosts of Sidecar ${caller.name} name headless Service ${headless.name}. Add ${twin} to them`,
  ),
});
