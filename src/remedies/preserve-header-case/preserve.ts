import { facts } from '../../mesh/since.ts';
import { edit, emit, type Step } from '../../step.ts';
import type { Fixed, Target } from '../remedy.ts';
import { caseField, type Lowered } from './faults.ts';
import { preserveInMesh } from './native.ts';
import type { HeaderCaseParameters } from './parameters.ts';

/** What `rewrite` does about header names in lower case. */
export function preserve(lowered: Lowered, target: Target<HeaderCaseParameters>): Fixed {
  switch (lowered.by) {
    case 'mesh-config':
      return preserveInMesh(target);
    case 'annotation': {
      const repeats = lowered.repeats ? ', and repeat the mesh-wide `proxyHeaders` that the annotation replaces' : '';
      const fix = `set \`${caseField}: true\`${repeats}; every other proxy on the way needs it too; its pods restart`;
      return edit(fix, lowered.patch);
    }
    case 'filter':
      return addFilter(lowered, target);
    case 'proper-case':
      return { outcome: 'change', fix: 'capitalise each word', parameters: { style: 'proper-case' } };
  }
}

function addFilter(
  { emission, what }: Lowered & { readonly by: 'filter' },
  { parameters: { style } }: Target<HeaderCaseParameters>,
): Step {
  const how =
    style === 'proper-case'
      ? `capitalises each word in ${what}, which is wrong for names such as ETag, TE and WWW-Authenticate`
      : `preserves case in ${what} (there is no other way before Istio ${facts.nativeHeaderCase.since})`;
  return emit(`add an EnvoyFilter that ${how}`, emission);
}
