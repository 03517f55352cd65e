/** One observation of one case on one version. */
export interface ProofRow {
  readonly remedy: string;
  readonly name: string;
  readonly observed: string;
  readonly before: string;
  readonly after: string;
  readonly istio: string;
  readonly envoy: string;
}

/** The text of examples/PROOF.md: the same rows give the same bytes, whenever and wherever they were gathered. */
export function proofTable(rows: readonly ProofRow[]): string {
  const remedies = [...new Set(rows.map(({ remedy }) => remedy))].sort();
  return [
    '# What is proven on real parts',
    '',
    "Written by `npm run test:mesh`; do not edit. Every line is real traffic through Istio's own discovery code and Envoy on",
    'loopback addresses: the same requests with the manifests as they were, and with what `meshmend rewrite` made of them.',
    "Lines without an Envoy are pods as Istio's own webhooks and injector make them.",
    ...remedies.flatMap((remedy) => ['', `## ${remedy}`, '', ...table(rows.filter((row) => row.remedy === remedy))]),
    '',
  ].join('\n');
}

function table(rows: readonly ProofRow[]): readonly string[] {
  const merged = new Map<string, { row: ProofRow; istios: string[] }>();
  for (const row of rows) {
    const { istio, ...rest } = row;
    const key = JSON.stringify(rest);
    const known = merged.get(key);
    if (known) known.istios.push(istio);
    else merged.set(key, { row, istios: [istio] });
  }
  return [
    '| case | observed | before | after | Istio | Envoy |',
    '| --- | --- | --- | --- | --- | --- |',
    ...[...merged.values()].map(({ row, istios }) => {
      const cells = [row.name, row.observed, row.before, row.after, istios.join(', '), row.envoy];
      return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
    }),
  ];
}
