import { existsSync, readdirSync } from 'node:fs';
import { type PageSource, readPage } from './page.ts';

/** A folder of `src/remedies` that holds a remedy: it has an `index.ts`. */
export interface RemedyFolder extends PageSource {
  readonly id: string;
}

/**
 * The remedies below a folder, in the order in which they run: by `order` of their pages, then by id. The order matters:
 *
 * - What decides which pods have sidecars runs before what sets something for sidecars.
 * - What adds Services, or makes ports TCP, runs before what writes filters for them.
 * - Gateways get the hosts of VirtualServices before VirtualServices get those of Services.
 * - What moves list items runs last, so that the places that the others report are those in the user's file.
 *
 * @throws InputError when a page is missing or is not in the form of one
 */
export function remedyFolders(folder: URL): readonly RemedyFolder[] {
  const ids = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(new URL(`${entry.name}/index.ts`, folder)))
    .map(({ name }) => name);
  return ids
    .map((id) => ({ id, ...readPage(new URL(`${id}/page.md`, folder), `src/remedies/${id}/page.md`) }))
    .sort((a, b) => a.order - b.order || (a.id < b.id ? -1 : 1));
}

/** The source of `src/remedies/index.ts`: all remedies, in the order in which they run. */
export function remediesModule(folders: readonly RemedyFolder[]): string {
  const imports = folders.map(({ id }) => `import ${nameOf(id)} from './${id}/index.ts';`);
  imports.push("import type { Remedy } from './remedy.ts';");
  // Sorted by path, as the linter sorts them.
  const path = (line: string): string => line.slice(line.indexOf("'"));
  imports.sort((a, b) => (path(a) < path(b) ? -1 : 1));
  return `// Generated from the folders here by \`npm run generate\`; do not edit. A remedy's place is \`order\` in its page.md.
${imports.join('\n')}

/** All remedies, in the order in which they run and in which they are listed. */
export const remedies: readonly Remedy[] = [
${folders.map(({ id }) => `  ${nameOf(id)},\n`).join('')}];
`;
}

function nameOf(id: string): string {
  return id.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}

/** The source of `src/remedies/pages.generated.ts`: the page of each remedy, by id. */
export function pagesModule(folders: readonly RemedyFolder[]): string {
  const entries = folders.map(({ id, page }) => `  '${id}': ${JSON.stringify(page, undefined, 2)},\n`);
  return `// Generated from src/remedies/*/page.md by \`npm run generate\`; do not edit.
import type { Page } from './page.ts';

/** The page of each remedy, by id. Import \`catalogue.ts\` instead, which has them beside their parameters. */
export const pages: Readonly<Record<string, Page>> = {
${entries.join('')}};
`;
}
