import { InputError } from '../errors.ts';
import type { Finding } from '../finding.ts';
import type { TextEdit } from '../manifest/splice.ts';
import type { Resource } from '../mesh/resource.ts';
import type { Patch } from '../step.ts';
import type { OpenFinding } from './findings.ts';
import type { Ledger } from './ledger.ts';

/** How many findings of one resource repeat what fixes them all; of more, only the first has it. */
const sharedFixes = 50;

/**
 * What fixes each finding: all that its command does to the resource. A remedy's patches of one resource belong together,
 * since each is for what those before it left.
 */
export function fixesOf(found: readonly OpenFinding[], ledger: Ledger): Map<Finding, readonly TextEdit[]> {
  const groups = new Map<Resource, Map<string, { readonly findings: Finding[]; readonly patches: Patch[] }>>();
  for (const { finding, patch } of found) {
    if (!patch) continue;
    const ofResource = groups.get(patch.resource) ?? new Map();
    groups.set(patch.resource, ofResource);
    const command = `${finding.remedy} ${JSON.stringify(finding.parameters)}`;
    const group = ofResource.get(command) ?? { findings: [], patches: [] };
    ofResource.set(command, group);
    group.findings.push(finding);
    group.patches.push(patch);
  }
  const fixable = [...groups.values()].flatMap((commands) => [...commands.values()]);
  const edits = ledger.editsFor(fixable.map(({ patches }) => patches));
  return new Map(
    fixable.flatMap(({ findings }, index) => {
      const own = edits[index]!;
      if (own instanceof InputError || own.length === 0) return [];
      // The same edits at each of thousands of findings would take the square of their number.
      const shown = findings.length > sharedFixes ? findings.slice(0, 1) : findings;
      return shown.map((each) => [each, own] as const);
    }),
  );
}
