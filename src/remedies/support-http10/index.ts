import { acceptsHttp10MeshWide, headerCaseUndoesHttp10, preservesCaseMeshWide } from '../../mesh/http1.ts';
import { namespaceOf, type Resource } from '../../mesh/resource.ts';
import { isGoTrue, setEnv, valueIn } from '../../mesh/surface/env.ts';
import { surfacesOf } from '../../mesh/surface/surface.ts';
import { isUnquoted } from '../../mesh/unquoted.ts';
import { hasProxy, workloadsOf } from '../../mesh/workload.ts';
import { edit } from '../../step.ts';
import { addHttp10Filter, missingHttp10Filter } from '../mechanisms/http10-filter.ts';
import { envSteps } from '../mechanisms/mesh-setting.ts';
import { titleOf } from '../mechanisms/wording.ts';
import { defineRemedy, type Target } from '../remedy.ts';
import { http10Fault, http10Metadata, http10Variable } from './faults.ts';
import { nginxUpstreams } from './nginx.ts';
import { type Http10Parameters, parameters } from './parameters.ts';
import { findIgnoredMetadata, findInWorkloads } from './workloads.ts';

type Http10Target = Target<Http10Parameters>;

export default defineRemedy({
  id: 'support-http10',
  source: 'https://istio.io/latest/docs/ops/common-problems/network-issues/#envoy-wont-connect-to-my-http10-service',
  parameters,
  faults: http10Fault,

  *find(target) {
    yield* findUnquoted(target);
    if (target.parameters.scope === 'workload') yield* findInWorkloads(target);
    else {
      yield* findIgnoredMetadata(target);
      yield* findInMesh(target);
    }
    yield* findInNginx(target);
  },

  fix: {
    'http10-refused': ({ data: { of } }, { mesh, version, parameters: { surface } }) => {
      if (of !== 'mesh') {
        const fix = `set \`${http10Metadata}: "1"\`; the proxy takes HTTP/1.0 from its own application and from clients without a sidecar, once its pods restart`;
        return edit(fix, of.patch);
      }
      // istiod reads the switch by strconv.ParseBool, so "1" is as good; "true" is what people understand.
      const setting = { name: http10Variable, value: 'true', means: isGoTrue };
      return envSteps(mesh, setting, { version, surface, effect: 'istiod restarts, proxies need not' });
    },
    'ignored-metadata': ({ data: { workload, patch } }) =>
      edit('set it to "1"', patch, { parameters: { scope: 'workload', ...only(workload.resource) } }),
    'unquoted-switch': ({ data: { patch } }) => edit('quote it', patch, { parameters: {} }),
    'header-case-clash': ({ data }, { mesh, version }) => addHttp10Filter(data, mesh, version),
    'no-default-host': ({ data }, { mesh, version }) => addHttp10Filter(data, mesh, version),
  },
});

function only(resource: Resource) {
  return { namespaces: [namespaceOf(resource)], names: [resource.name] };
}

function* findInMesh({ mesh, version, parameters }: Http10Target) {
  const { namespaces, names, defaultHost } = parameters;
  if (namespaces || names) {
    yield http10Fault('narrowed-mesh', {});
    return;
  }
  const isAccepted = acceptsHttp10MeshWide(mesh, version);
  const isSeen = surfacesOf(mesh).length > 0 || workloadsOf(mesh).some((workload) => hasProxy(mesh, workload));
  yield http10Fault('http10-refused', isSeen && !isAccepted ? {} : whenAsked, { of: 'mesh' });
  const missing = missingHttp10Filter(mesh, version, defaultHost, undefined);
  if (!missing) return;
  if (headerCaseUndoesHttp10(version) && preservesCaseMeshWide(mesh))
    yield http10Fault('header-case-clash', isAccepted ? {} : whenAsked, missing);
  else if (defaultHost) yield http10Fault('no-default-host', {}, missing);
}

const whenAsked = { reported: 'when asked' } as const;
const whenDiagnosing = { reported: 'when diagnosing' } as const;

/** Outside of Helm values the API server rejects a value that is not a string, and the whole resource with it. */
function* findUnquoted({ mesh, version }: Http10Target) {
  for (const surface of surfacesOf(mesh)) {
    const { resource } = surface;
    for (const place of surface.env) {
      const value = valueIn(place, http10Variable);
      if (place.lenient || !isUnquoted(value)) continue;
      const setting = setEnv(surface, http10Variable, String(isGoTrue(String(value))), version);
      if (setting.outcome !== 'change') continue;
      const { path, operations } = setting;
      const what = `\`${http10Variable}\` of ${titleOf(resource)}`;
      // When HTTP/1.0 is asked for, the switch is set as a whole.
      yield http10Fault(
        'unquoted-switch',
        { resource, path, ...whenDiagnosing },
        { what, value, patch: { resource, operations } },
      );
    }
  }
}

/** A client that is told apart in the input; once HTTP/1.0 is switched on, it works as it is. */
function* findInNginx({ mesh, version }: Http10Target) {
  const isAccepted = acceptsHttp10MeshWide(mesh, version);
  for (const place of nginxUpstreams(mesh)) {
    if (!isAccepted) yield http10Fault('nginx-upstream', { ...place, ...whenDiagnosing });
    yield http10Fault('nginx-upstream', { ...place, ...whenAsked, severity: 'info', narrowedBy: null });
  }
}
