import { isSelected } from '../../mesh/mesh.ts';
import { virtualServicesOf } from '../../mesh/virtual-service.ts';
import { selection } from '../parameter.ts';
import { defineRemedy } from '../remedy.ts';
import { planHeaderRules } from './header-rules.ts';
import { otherRemovals } from './other-removals.ts';
import { applicationAdvice, isTraced, missingProviders, missingTracer } from './tracers.ts';

export default defineRemedy({
  id: 'keep-trace-headers',
  source: 'https://istio.io/latest/docs/tasks/observability/distributed-tracing/overview/',
  parameters: { ...selection },

  *plan(mesh, settings, { version, requested }) {
    for (const virtualService of virtualServicesOf(mesh)) {
      if (isSelected(virtualService, settings)) yield* planHeaderRules(mesh, virtualService, requested);
    }
    yield* otherRemovals(mesh, settings, requested);
    yield* missingProviders(mesh);
    yield* missingTracer(mesh, version);
    if (requested || isTraced(mesh)) yield applicationAdvice(mesh, version);
  },
});
