import { virtualServicesOf } from '../../mesh/virtual-service.ts';
import { selection } from '../parameter.ts';
import { defineRemedy } from '../remedy.ts';
import { traceFault } from './faults.ts';
import { findInVirtualService, keepHeaders } from './header-rules.ts';
import { findInFilters, findInGatewayApi } from './other-removals.ts';
import { findHeadersToForward, findMissingTracer, findUnknownProviders } from './tracers.ts';

export default defineRemedy({
  id: 'keep-trace-headers',
  source: 'https://istio.io/latest/docs/tasks/observability/distributed-tracing/overview/',
  parameters: { ...selection },
  faults: traceFault,

  *find({ mesh, version }) {
    for (const virtualService of virtualServicesOf(mesh)) yield* findInVirtualService(mesh, virtualService);
    yield* findInFilters(mesh);
    yield* findInGatewayApi(mesh);
    yield* findUnknownProviders(mesh);
    yield* findMissingTracer(mesh, version);
    yield findHeadersToForward(mesh, version);
  },

  fix: {
    'lost-trace-headers': ({ data }) => keepHeaders(data),
    'lost-at-gateway': ({ data }) => keepHeaders(data),
  },
});
