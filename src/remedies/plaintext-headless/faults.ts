import type { Resource } from '../../mesh/resource.ts';
import { facts } from '../../mesh/since.ts';
import { choice, defineFaults, note, unsure, warning } from '../fault.ts';

/** A headless Service, and a DestinationRule that governs it. */
export interface Governed {
  readonly service: Resource;
  readonly rule: Resource;
}

const unreachable = ({ name }: Resource): string =>
  `Istio before ${facts.headlessWithoutMtls.backports[0]} uses mTLS for headless Services, but the pods of ${name} have no sidecar (\`UF,URX\`)`;

export const plaintextFault = defineFaults({
  'mtls-by-rule': warning(({ service }: Governed) => unreachable(service)),
  'mtls-by-default': warning((service: Resource) => unreachable(service)),
  'mtls-by-wildcard-rule': warning(
    ({ service, rule, host }: Governed & { host: string }) =>
      `${unreachable(service)}. DestinationRule ${rule.name} governs it, and a new one would replace all of its traffic policy: write one for ${host} by hand, with \`tls.mode: DISABLE\``,
  ),
  'strict-without-sidecar': warning(
    ({ service, policy }: { service: Resource; policy: Resource }) =>
      `The pods of headless Service ${service.name} have no sidecar, but PeerAuthentication ${policy.name} selects them and is \`STRICT\`. These contradict each other; one is probably a mistake`,
  ),
  'plaintext-refused': warning(
    ({ service, port, policy, way }: { service: Resource; port: number; policy: string | undefined; way: string }) =>
      `Clients send plaintext to port ${port} of headless Service ${service.name}, and its pods' sidecars reset it because PeerAuthentication ${policy} is \`STRICT\`. ${way}`,
  ),
  'needless-plaintext': choice(
    ({ service, way }: { service: Resource; way: string }) =>
      `\`tls.mode: DISABLE\` keeps mTLS off to headless Service ${service.name}, whose pods have sidecars. ${way}`,
  ),
  'needless-here': note((why: string) => `${why}, so headless Services need no DestinationRule for that`),
  'needless-rule': note(
    ({ service, why }: { service: Resource; why: string }) =>
      `\`tls.mode: DISABLE\` for headless Service ${service.name} does no harm, and can be removed: ${why}`,
  ),
  'pods-with-sidecars': note(
    ({ name }: Resource) =>
      `The pods of headless Service ${name} have sidecars, so it keeps mTLS: plaintext would be reset where a PeerAuthentication is \`STRICT\``,
  ),
  'mixed-pods': unsure(
    ({ name }: Resource) =>
      `Some pods of headless Service ${name} have sidecars and some have none, but \`tls.mode\` holds for a whole host. Give each kind a Service of its own`,
  ),
  'unknown-pods': unsure(
    ({ name }: Resource) =>
      `The input does not show that the pods of headless Service ${name} have no sidecar. Add its workload and Namespace to the PATHs, with \`sidecar.istio.io/inject: "false"\` on the pods if so; or name the Service by \`plaintext-headless.names\``,
  ),
  'named-pods': note(
    ({ name }: Resource) =>
      `The pods of headless Service ${name} are taken to have no sidecar because it is named. If they have one, a \`STRICT\` PeerAuthentication makes it reset plaintext`,
  ),
  'explicit-tls': note((mode: string) => `This rule sets \`tls.mode: ${mode}\` itself, which stays`),
});
