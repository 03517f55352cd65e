// Inputs of unusual shapes: four times as much must not take more than about four times as long.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { configFromFlags, intentsOf } from '../src/config/config.ts';
import { readDocuments } from '../src/manifest/read.ts';
import { remediate } from '../src/run/remediate.ts';
import { growth } from './growth.ts';

const linear = suite('linear');
const intents = intentsOf(configFromFlags({ intents: ['disable-retries'], set: [], istioVersion: undefined }));
/** Between 4, which is linear, and 16, which is quadratic, with room for a busy machine. */
const bound = 8;

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
  const ratio = growth(500, (count) => {
    const items = Array.from({ length: count }, (_, index) => virtualService(`v${index}`));
    return rewriting(JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  });
  assert.ok(ratio < bound, `${ratio}`);
});

linear('a mapping with many keys', () => {
  const ratio = growth(5000, (count) => {
    const text = numbered(count, (index) => `k${index}: 1\n`);
    return () => readDocuments({ path: 'x.yaml', text }, { nodes: true });
  });
  assert.ok(ratio < bound, `${ratio}`);
});

linear('an edit beside a mapping with many keys', () => {
  const ratio = growth(3000, (count) => {
    const labels = numbered(count, (index) => `k${index}: v, `);
    const head = `apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: a, labels: {${labels}}}\n`;
    return rewriting(`${head}spec:\n  hosts: [a]\n  http:\n  - route:\n    - destination: {host: a}\n`);
  });
  assert.ok(ratio < bound, `${ratio}`);
});

linear('a flow sequence of commas only, which is refused', () => {
  const ratio = growth(5000, (count) => {
    const text = `x: [${','.repeat(count)}`;
    return () => assert.throws(() => readDocuments({ path: 'x.yaml', text }));
  });
  assert.ok(ratio < bound, `${ratio}`);
});

linear.run();
