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
  source: 'https://istio.io/latest/docs/reference/config/networking/envoy-filter/',
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
