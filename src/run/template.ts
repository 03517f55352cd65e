import { readFileSync } from 'node:fs';
import type { Json, JsonObject } from '../manifest/node.ts';
import { indented, printBlock, printFlow } from '../manifest/print.ts';
import { readDocuments } from '../manifest/read.ts';
import type { Emission } from '../remedies/remedy.ts';

type Template = (values: JsonObject) => string;

const compiled = new Map<string, Template>();

/**
 * Renders a new resource. Values enter a template only through `{{yaml …}}`, which prints them so that they can
 * mean nothing but themselves: on one line, or with `indent=4` as a block whose further lines stand in by 4.
 *
 * @returns one YAML document that ends with a line break
 * @throws Error when the template is missing, a value it names is, or what it gives is not one document: our fault
 */
export async function renderEmission({ template, values }: Emission): Promise<string> {
  const render = compiled.get(template) ?? (await compile(template));
  const text = render(values);
  const documents = readDocuments({ path: `templates/${template}.yaml.hbs`, text });
  if (documents.length !== 1) throw new Error(`template ${template} gives ${documents.length} documents`);
  return text;
}

async function compile(template: string): Promise<Template> {
  const { default: handlebars } = await import('handlebars');
  const environment = handlebars.create();
  environment.registerHelper('yaml', (value: Json | undefined, { hash }: { hash: { indent?: number } }) =>
    hash.indent === undefined ? printFlow(value ?? null) : block(value ?? null, hash.indent),
  );
  // This module and the bundle both stand one folder below the package's root.
  const source = readFileSync(new URL(`../templates/${template}.yaml.hbs`, import.meta.url), 'utf8');
  const render = environment.compile(source, { noEscape: true, strict: true });
  compiled.set(template, render);
  return render;
}

function block(value: Json, indent: number): string {
  const lines = printBlock(value, { step: 2, dashOffset: 2, lineBreak: '\n' });
  return lines.map((line, index) => (index === 0 ? line : indented(line, indent))).join('\n');
}
