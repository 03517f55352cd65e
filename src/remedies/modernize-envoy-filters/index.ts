import { servedVersions } from '../../mesh/detect-version.ts';
import { type ConfigPatch, configPatchesOf, envoyFilters } from '../../mesh/envoy-filter.ts';
import { insertedNames } from '../../mesh/filter-names.ts';
import { isSelected } from '../../mesh/mesh.ts';
import { matchesProxyVersion, proxyVersionOf } from '../../mesh/proxy-version.ts';
import { firstWithout } from '../../mesh/since.ts';
import type { Version } from '../../mesh/version.ts';
import { someOf } from '../mechanisms/wording.ts';
import { selection } from '../parameter.ts';
import { defineRemedy, type LegacyStep as Step } from '../remedy.ts';
import { type Fault, pathIn, type Span, spanned } from './fault.ts';
import { ignoredPatches } from './ignored.ts';
import { faultsOfNames } from './names.ts';
import { behindLast, chainsOf, relativeOrder } from './order.ts';
import { rejections } from './rejected.ts';
import { faultsOfTypes, refusedTypes } from './types.ts';
import { wholeFilter } from './whole-filter.ts';

export default defineRemedy({
  id: 'modernize-envoy-filters',
  title: 'EnvoyFilters do nothing, or are refused, after an upgrade',
  summary:
    'Bring filter names and types in EnvoyFilters to what the target version knows, and name what it rejects or ignores',
  faq: '',
  source: 'https://istio.io/latest/docs/reference/config/networking/envoy-filter/',
  explanation: {
    symptoms: [
      'EnvoyFilter',
      'EnvoyFilter does not work',
      'EnvoyFilter not effective',
      'EnvoyFilter ignored',
      'configPatches',
      'upgrade',
      'referenced type unknown',
      'try using the v3 XDS API',
      'could not resolve Any message type',
      'using deprecated filter name',
      'deprecated types by name without typed_config',
      'using deprecated type_url',
      "Didn't find a registered implementation",
      'Unable to parse JSON as proto',
      'typed_config',
      'subFilter',
      'proxyVersion',
      'envoy.http_connection_manager',
      'envoy.router',
      'envoy.lua',
      'envoy.fault',
      'envoy.cors',
      'envoy.ext_authz',
      'HttpConnectionManager',
      'v2',
      'v3',
      'xDS',
      'IST0152',
      'IST0153',
      'IST0154',
      'IST0155',
      "Any JSON doesn't have '@type'",
      'mixer',
    ],
    symptom:
      'After an upgrade of Istio an EnvoyFilter is refused (`referenced type unknown`), or it is accepted and does nothing. A pipeline that applies it fails, or a feature is gone without a word.',
    cause:
      'EnvoyFilters are written in the words of one Envoy version. Envoy renamed its filters and dropped the v2 types, and istiod applies a patch only where the name is the very one that it writes.',
    change:
      'Renames the filters that patches look for, replaces v2 types by their v3 ones, gives a type to filters and settings without one, completes short service names in cluster matches, and puts filters before the router that were to stand behind it, which Envoy rejects. What has no sure successor is reported with what to do; everything else in the filter stays as it is.',
    versions:
      'istiod writes the old names up to 1.7, takes both from 1.8 to 1.18, and since 1.19 takes the new ones only. v2 types are swapped on merging from 1.7 to 1.18, rejected by Envoy elsewhere since 1.10, and refused by the webhook since 1.19. For 1.6 and 1.7 new names are turned back. Where two istiods are in the input the form that serves both is chosen.',
    caution:
      'A patch that was dead takes effect again: read it before. Names that a filter gives to what it inserts are left, since routes may refer to them. Many EnvoyFilters are needless by now: Telemetry, WasmPlugin, `proxyHeaders` and AuthorizationPolicy with an external provider do the same and survive upgrades.',
    check:
      '`kubectl apply --dry-run=server -f FILE` says whether it is accepted; `istioctl proxy-config listeners POD -o json` shows whether it took effect, and `istioctl proxy-status` whether proxies rejected it.',
  },
  parameters: selection,

  *plan(mesh, values, { version, requested }) {
    const versions = servedVersions(mesh, version);
    const span: Span = { oldest: versions[0]!, newest: versions.at(-1)! };
    const filters = envoyFilters(mesh).filter((filter) => isSelected(filter, values));
    const patches = new Map(envoyFilters(mesh).map((filter) => [filter, configPatchesOf(filter)]));
    const all = [...patches.values()].flat();
    const inserted = insertedNames(all);
    const chains = chainsOf(all);
    const notes: Fault[] = [];
    for (const filter of filters) {
      yield* wholeFilter(filter, span);
      for (const patch of patches.get(filter) ?? []) {
        const faults = isForAny(patch, versions)
          ? [
              ...rejections(patch, span),
              ...faultsOfTypes(patch, span),
              ...faultsOfNames(patch, span, inserted),
              ...ignoredPatches(mesh, patch, span),
              ...behindLast(patch, chains, span),
              ...relativeOrder(mesh, patch, chains, versions, span),
              ...versionNotes(patch, versions, span),
            ]
          : // Applied to no proxy, but the webhook reads it all the same.
            [...rejections(patch, span), ...refusedTypes(patch, span), ...versionNotes(patch, versions, span)];
        for (const fault of faults) {
          if (fault.severity === 'info' && !requested) notes.push(fault);
          else yield stepOf(fault);
        }
      }
    }
    if (notes.length > 0) yield summaryOf(notes, span);
  },
});

function stepOf({ patch, severity, message, path, operations }: Fault): Step {
  const { filter: resource } = patch;
  const said = `EnvoyFilter ${resource.name} ${message}`;
  if (!operations) return { severity, outcome: 'advise', message: said, resource, path };
  return { severity, outcome: 'change', message: said, resource, path, patch: { resource, operations } };
}

/** What works now, and what is a choice, said once for the whole mesh. */
function summaryOf(notes: readonly Fault[], span: Span): Step {
  const namesOf = (faults: readonly Fault[]): string => {
    return someOf([...new Set(faults.map(({ patch }) => patch.filter.name))]);
  };
  const lapsing = notes.filter(({ operations }) => operations);
  const others = notes.filter(({ operations }) => !operations);
  const parts = [
    ...(lapsing.length > 0
      ? [
          `EnvoyFilter ${namesOf(lapsing)}: old filter names or v2 types, which Istio ${spanned(span)} still takes and ${firstWithout('oldFilterNames')} does not. --modernize-envoy-filters updates them`,
        ]
      : []),
    ...(others.length > 0
      ? [
          `EnvoyFilter ${namesOf(others)}: ${others.length === 1 ? others[0]!.message : `${others.length} patches to look at, of which the first ${others[0]!.message}`}`,
        ]
      : []),
  ];
  return { severity: 'info', outcome: 'advise', message: parts.join('. '), resource: notes[0]!.patch.filter };
}

function isForAny(patch: ConfigPatch, versions: readonly Version[]): boolean {
  const expression = proxyVersionOf(patch);
  return expression === undefined || versions.some((version) => matchesProxyVersion(expression, version) !== false);
}

/** Expressions on the version that leave this one out, or let in more than they seem to. */
function* versionNotes(patch: ConfigPatch, versions: readonly Version[], span: Span): Iterable<Fault> {
  const expression = proxyVersionOf(patch);
  if (expression === undefined) return;
  const path = pathIn(patch, 'match', 'proxy', 'proxyVersion');
  const minor = meantMinor(expression);
  const isOlder = minor !== undefined && versions.every((version) => version.minor > minor);
  if (!isForAny(patch, versions)) {
    // Proxies may be two minor versions behind, and Istio's own filters are there for them.
    if (minor === undefined || minor >= span.oldest.minor - 2) return;
    const message = `has a patch for proxies of Istio 1.${minor} (proxyVersion ${expression}), which none is at ${spanned(span)}. Delete it once they are gone`;
    yield { patch, severity: 'info', message, path };
  } else if (isOlder && matchesProxyVersion(expression, versions[0]!) === true) {
    const message = `has the proxyVersion ${expression}, which reads as Istio 1.${minor} and matches ${spanned(span)} too. ^1\\.${minor}\\. means that version alone`;
    yield { patch, severity: 'info', message, path };
  }
}

/** The one minor version that an expression names: `^1\.1.*`. */
function meantMinor(expression: string): number | undefined {
  if (expression.includes('|')) return undefined;
  const minor = /^\^?1(?:\\?\.|\[\.\])(\d{1,2})(?!\d|[[(?{]|\\[dw])/.exec(expression)?.[1];
  return minor === undefined ? undefined : Number(minor);
}
