import { basename } from 'node:path';
import { type Document, isObject, type Json } from '../manifest/node.ts';
import { type DetectedVersion, isIstioChart, lowest } from '../mesh/detect-version.ts';
import { listAt, stringAt } from '../mesh/read.ts';
import { parseVersion } from '../mesh/version.ts';
import type { Kustomization } from './kustomization.ts';

/** An Istio chart that a build renders. */
export interface ChartVersion extends Partial<Pick<DetectedVersion, 'version'>> {
  /** As messages have it. */
  readonly source: string;
}

/** The charts of Istio that kustomizations render (`helmCharts`), or that a chart of the input depends on. */
export function istioChartsIn(
  documents: readonly Document[],
  kustomizations: readonly Kustomization[],
): ChartVersion[] {
  const rendered = kustomizations.flatMap(({ value, document }) =>
    chartsOf(listAt(value, 'helmCharts'), 'repo', `chart of ${document.file.path}`),
  );
  const required = documents.flatMap(({ value, file }) =>
    basename(file.path) === 'Chart.yaml' && isObject(value)
      ? chartsOf(listAt(value, 'dependencies'), 'repository', `dependency of ${file.path}`)
      : [],
  );
  return [...rendered, ...required];
}

function chartsOf(charts: readonly Json[], repository: string, what: string): ChartVersion[] {
  return charts.flatMap((chart) => {
    const name = stringAt(chart, 'name') ?? '';
    if (!isIstioChart(name, stringAt(chart, repository))) return [];
    const version = parseVersion(lowest(stringAt(chart, 'version')) ?? '');
    return [{ ...(version && { version }), source: `${what} ${name}` }];
  });
}
