import handlebars, { type Runtime } from 'handlebars/runtime.js';
import type { Json } from '../manifest/node.ts';
import { indented, printBlock, printFlow } from '../manifest/print.ts';
import { readDocuments } from '../manifest/read.ts';
import type { Emission } from '../step.ts';
import { specifications } from './templates.generated.ts';

/**
 * Renders a new resource. Values enter a template only through `{{yaml …}}`, which prints each as one YAML value: on one
 * line, or with `indent=4` as a block whose further lines are indented by 4.
 *
 * @returns one YAML document that ends with a line break
 * @throws Error when there is no such template, it uses a value that is missing, or it does not give exactly one
 *   document: each is a bug in a remedy
 */
export function renderEmission({ template, values }: Emission): string {
  const render = environment().partials[template];
  if (render === undefined) throw new Error(`no template ${template}: run npm run generate`);
  const text = render(values);
  const documents = readDocuments({ path: `templates/${template}.yaml.hbs`, text });
  if (documents.length !== 1) throw new Error(`template ${template} gives ${documents.length} documents`);
  return text;
}

let prepared: Runtime | undefined;

/** Handlebars with all templates as partials, so that each may use what several have in common. */
function environment(): Runtime {
  if (prepared) return prepared;
  prepared = handlebars.create();
  prepared.registerHelper('yaml', (value: Json | undefined, { hash }: { hash: { indent?: number } }) =>
    hash.indent === undefined ? printFlow(value ?? null) : block(value ?? null, hash.indent),
  );
  for (const [name, specification] of Object.entries(specifications)) {
    prepared.registerPartial(name, prepared.template(specification));
  }
  return prepared;
}

function block(value: Json, indent: number): string {
  const lines = printBlock(value, { step: 2, dashOffset: 2, lineBreak: '\n' });
  return lines.map((line, index) => (index === 0 ? line : indented(line, indent))).join('\n');
}
