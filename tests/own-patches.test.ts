// What people add to an EnvoyFilter that was emitted stays, and what was emitted is brought up to date beside it.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { configFromFlags, intentsOf } from '../src/config/config.ts';
import { parseVersion } from '../src/mesh/version.ts';
import { remediate } from '../src/run/remediate.ts';

const ownPatches = suite('patches that people add to emitted EnvoyFilters');
const istioVersion = parseVersion('1.20')!;
const service = `apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {ports: [{name: http, port: 80}]}
`;
const matches = [
  '{context: GATEWAY}',
  '{context: ANY, listener: {filterChain: {filter: {name: envoy.filters.network.http_connection_manager}}}}',
];

function rewrite(text: string, set: readonly string[]): string {
  const intents = intentsOf(configFromFlags({ intents: ['raise-header-limit'], set, istioVersion: undefined }));
  const { files, emitted } = remediate([{ path: 'input.yaml', text, named: true }], {
    mode: 'rewrite',
    intents,
    istioVersion,
  });
  return [...files, ...emitted].map((each) => each.text).join('---\n');
}

for (const match of matches)
  for (const end of ['first', 'last'])
    ownPatches(`${end}, matching ${match}`, () => {
      const emitted = rewrite(service, []);
      const own = `    - applyTo: NETWORK_FILTER # ours\n      match: ${match}\n      patch: {operation: REMOVE}\n`;
      const head = '  configPatches:\n';
      const extended = end === 'first' ? emitted.replace(head, head + own) : emitted + own;
      assert.is.not(extended, emitted);
      assert.is(rewrite(extended, []), extended);
      const changed = rewrite(extended, ['raise-header-limit.kib=128']);
      assert.is(changed.includes(own), true, changed);
      assert.match(changed, /max_request_headers_kb: 128/);
      assert.is(rewrite(changed, ['raise-header-limit.kib=128']), changed);
    });

ownPatches.run();
