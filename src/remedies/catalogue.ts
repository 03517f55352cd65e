import { remedies } from './index.ts';
import type { Page } from './page.ts';
import { pages } from './pages.generated.ts';
import type { Remedy } from './remedy.ts';

/** A remedy as it is shown: its page, without its code. */
export interface CatalogueEntry extends Page, Pick<Remedy, 'id' | 'source' | 'parameters' | 'faults'> {}

/**
 * All remedies as they are shown, in the order in which they run. For what prints pages only: whoever imports this loads
 * all their text, which the pipeline and the KRM function do without.
 */
export const catalogue: readonly CatalogueEntry[] = remedies.map(({ id, source, parameters, faults }) => {
  const page = pages[id];
  if (!page) throw new Error(`${id} has no page: run npm run generate`);
  return { id, source, parameters, faults, ...page };
});
