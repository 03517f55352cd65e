import { connectionLimit, positive } from '../../mesh/connection-pool.ts';
import { at } from '../../mesh/read.ts';
import { has } from '../../mesh/since.ts';
import { meshConfigOf } from '../../mesh/surface/mesh-config.ts';
import { surfacesOf } from '../../mesh/surface/surface.ts';
import { advise, type Step } from '../../step.ts';
import { meshConfigSteps } from '../mechanisms/mesh-setting.ts';
import { defineRemedy, type Target } from '../remedy.ts';
import { poolFault } from './faults.ts';
import { findInHosts, limitHost, targetsOf } from './limited-hosts.ts';
import { parameters } from './parameters.ts';
import { burstNote } from './pool-use.ts';
import { findInRules, findInSidecars, tighten, upgradesToHttp2 } from './pools.ts';

type PoolTarget = Target<typeof parameters>;

export default defineRemedy({
  id: 'strict-circuit-breaking',
  source:
    'https://istio.io/latest/docs/reference/config/networking/destination-rule/#ConnectionPoolSettings-HTTPSettings',
  parameters,
  faults: poolFault,

  *find(target) {
    const { mesh, version, parameters: settings } = target;
    const { hosts, connections } = settings;
    if ((hosts === undefined) !== (connections === undefined)) {
      const [given, missing] = hosts ? ['hosts', 'connections'] : ['connections', 'hosts'];
      yield poolFault('incomplete-parameters', {}, { given, missing });
      return;
    }
    const named = new Set(targetsOf(mesh, settings).flatMap((each) => ('host' in each ? [each.host] : [])));
    yield* findInRules(mesh, { ...settings, named, upgrades: upgradesToHttp2(mesh) });
    if (has(version, 'sidecarConnectionPool')) yield* findInSidecars(mesh, settings);
    if (has(version, 'defaultTrafficPolicy')) yield* findInMesh(target);
    yield* findInHosts(target);
  },

  fix: {
    'unlimited-queue': ({ data }) => tighten(data),
    'unlimited-http2': ({ data }) => tighten(data),
    'unlimited-connections': ({ data }) => tighten(data),
    'unlimited-host': ({ data }, target) => limitHost(data, target),
    'unlimited-mesh-queue': ({ data }, target) => limitMesh(data, target),
    'unreadable-limit': () => ({ outcome: 'keep', why: 'It is left as it is', severity: 'warning' }),
  },
});

const meshPool = ['defaultTrafficPolicy', 'connectionPool'];

/**
 * Finds the same in the pool that the mesh gives to every host whose DestinationRule has none.
 *
 * @see https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/ `defaultTrafficPolicy`
 */
function* findInMesh({ mesh }: PoolTarget) {
  const pool = at(meshConfigOf(mesh), ...meshPool);
  const limit = connectionLimit(pool);
  const pending = positive(at(pool, 'http', 'http1MaxPendingRequests'));
  if (limit !== undefined && pending === undefined) yield poolFault('unlimited-mesh-queue', {}, limit);
}

function limitMesh(limit: number, { mesh, version, parameters }: PoolTarget): Iterable<Step> {
  const { pending = limit } = parameters;
  const field = [...meshPool, 'http', 'http1MaxPendingRequests'];
  if (surfacesOf(mesh).filter(({ meshConfig }) => meshConfig.length > 0).length !== 1)
    return [advise(`Set \`${field.join('.')}: ${pending}\` in the mesh config that has the limit`)];
  const effect = ['istiod gives it to running proxies without a restart', ...burstNote(pending, limit)].join('; ');
  return meshConfigSteps(mesh, field, pending, { version, surface: 'deployment', effect });
}
