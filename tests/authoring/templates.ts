import { readdirSync, readFileSync } from 'node:fs';
import handlebars from 'handlebars';

/**
 * The source of `src/run/templates.generated.ts`: every template, precompiled, so that a run neither reads a template
 * nor loads the compiler, and works where code from strings is forbidden.
 *
 * @param folder - the folder `templates/`
 * @throws Error when a template does not parse
 */
export function templatesModule(folder: URL): string {
  const entries = templateNames(folder).map((name) => {
    const source = readFileSync(new URL(`${name}.yaml.hbs`, folder), 'utf8');
    // YAML is not HTML, so nothing is escaped; a value that is missing is an error, not an empty string.
    const specification = handlebars.precompile(source, { noEscape: true, strict: true });
    return `  '${name}': ${specification},\n`;
  });
  return `// Generated from templates/ by \`npm run generate\`; do not edit.
// @ts-nocheck

/** Templates, as Handlebars' runtime takes them, by their path below \`templates/\` without \`.yaml.hbs\`. */
export const specifications: Readonly<Record<string, unknown>> = {
${entries.join('')}};
`;
}

function templateNames(folder: URL): string[] {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const ending = '.yaml.hbs';
  return paths
    .filter((path) => path.endsWith(ending))
    .map((path) => path.slice(0, -ending.length).replaceAll('\\', '/'))
    .sort();
}
