// Inputs of unusual shapes: four times as much must not take more than about four times as long.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { configFromFlags, intentsOf } from '../src/config/config.ts';
import { readDocuments } from '../src/manifest/read.ts';
import { remediate } from '../src/run/remediate.ts';
import { growth } from './growth.ts';

const linear = suite('linear');
const intents = intentsOf(configFromFlags({ intents: ['disable-retries'], set: [], istioVersion: undefined }));
/** Between 4, which is linear, and 16, which is quadratic. */
const bound = 8;

/** A busy machine can make one measurement of linear work look worse, but none of quadratic work look linear. */
function assertLinear(size: number, sizedWork: (size: number) => () => void): void {
  const ratios: number[] = [];
  while (ratios.length < 3 && !ratios.some((ratio) => ratio < bound)) ratios.push(growth(size, sizedWork));
  assert.ok(
    ratios.some((ratio) => ratio < bound),
    `four times as much takes ${ratios.join(', ')} times as long`,
  );
}

function rewriting(text: string): () => void {
  return () => {
    const { findings } = remediate([{ path: 'x.yaml', text, named: true }], { mode: 'rewrite', intents });
    assert.ok(findings.some(({ outcome }) => outcome === 'change'));
  };
}

function virtualService(name: string): object {
  const spec = { hosts: [name], http: [{ route: [{ destination: { host: name } }] }] };
  return { apiVersion: 'networking.istio.io/v1', kind: 'VirtualService', metadata: { name, namespace: 'shop' }, spec };
}

function numbered(count: number, text: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => text(index)).join('');
}

linear('a List of many items as JSON on one line', () => {
  assertLinear(500, (count) => {
    const items = Array.from({ length: count }, (_, index) => virtualService(`v${index}`));
    return rewriting(JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  });
});

linear('a mapping with many keys', () => {
  assertLinear(5000, (count) => {
    const text = numbered(count, (index) => `k${index}: 1\n`);
    return () => readDocuments({ path: 'x.yaml', text }, { nodes: true });
  });
});

linear('an edit beside a mapping with many keys', () => {
  assertLinear(3000, (count) => {
    const labels = numbered(count, (index) => `k${index}: v, `);
    const head = `apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: a, labels: {${labels}}}\n`;
    return rewriting(`${head}spec:\n  hosts: [a]\n  http:\n  - route:\n    - destination: {host: a}\n`);
  });
});

linear('a flow sequence of commas only, which is refused', () => {
  assertLinear(5000, (count) => {
    const text = `x: [${','.repeat(count)}`;
    return () => assert.throws(() => readDocuments({ path: 'x.yaml', text }));
  });
});

linear.run();
