import type { JsonObject } from '../../manifest/node.ts';
import type { Resource } from '../../mesh/resource.ts';
import { defaultRetries } from '../../mesh/retry-policy.ts';
import { facts } from '../../mesh/since.ts';
import { formatVersion, type Version } from '../../mesh/version.ts';
import type { HttpRule } from '../../mesh/virtual-service.ts';
import { caveat, choice, defineFaults, error, info, note, refusal, warning } from '../fault.ts';

/** What Istio retries by default. */
export interface Retried {
  readonly version: Version;
  readonly what:
    | { readonly rule: HttpRule }
    /** The rules of the delegate without retries of their own inherit those of this one. */
    | { readonly rule: HttpRule; readonly delegate: string }
    /** A Service without a VirtualService, and its HTTP ports. */
    | { readonly service: Resource; readonly ports: readonly number[] };
}

/** A rule with `retries`, and what they say. */
export interface Retrying {
  readonly rule: HttpRule;
  readonly retries: JsonObject;
}

export const retryFault = defineFaults({
  'default-retries': choice(({ version }: Retried) => defaultRetries(version)),
  'default-retries-of-mesh': choice((version: Version) => defaultRetries(version)),
  'rejected-retries': error<Retrying>('Istio rejects retry settings beside `attempts: 0` or without `attempts`'),
  'retries-without-attempts': info<Retrying>('`retries` without `attempts` are off, whatever else they set'),
  'unreadable-retries': warning('`retries` is not a valid policy'),
  'explicit-retries': note(
    ({ attempts }: Retrying & { attempts: number }) =>
      `This rule sets ${attempts} ${attempts === 1 ? 'retry' : 'retries'} of its own`,
  ),
  'inherited-retries': note(
    (root: string) =>
      `This rule inherits the retries of VirtualService ${root}, which stay. \`explicit: disable\` switches them off too`,
  ),
  'off-in-mesh': note(
    '`defaultHttpRetryPolicy` of the mesh config switches default retries off already, so rules and Services without retries of their own are left',
  ),
  'no-mesh-policy': refusal(
    (version: Version) =>
      `The mesh config has a default retry policy since Istio ${facts.defaultHttpRetryPolicy.since}, and the target is ${formatVersion(version)}. Use \`scope: routes\``,
  ),
  'inbound-retries': note(
    'Sidecars retry requests that were reset before their own application got them (`reset-before-request`, up to twice)',
  ),
  'no-inbound-retries': note(
    `Sidecars retry no requests to their own application before Istio ${facts.inboundRetries.since}`,
  ),
  'service-without-routes': note((reason: string) => `Gets no VirtualService: ${reason}`),
  'service-still-retried': caveat((reason: string) => `Default retries stay on for this Service: ${reason}`),
});
