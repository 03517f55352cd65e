// Shows the main job on this folder: five faults, one command, and the diff that mends them. Writes nothing.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const intents = [
  ['--support-http10', 'requests by HTTP/1.0 get 426: istiod is told to accept them'],
  ['--preserve-header-case', 'header names arrive in lower case: the mesh keeps them as they are'],
  ['--disable-retries', 'a failed request is sent again, paying twice: off where nobody asked for it'],
  ['--strict-circuit-breaking', 'the circuit breaker never opens: what waits gets a limit, in every pool'],
  ['--reorder-prefixes', 'a route is hidden by a shorter one above it: it moves up'],
];
const args = ['rewrite', 'examples/shop', '--diff', ...intents.map(([flag]) => flag)];

console.log(`$ meshmend ${args.join(' ')}\n`);
for (const [flag, why] of intents) console.log(`  ${flag.padEnd(26)} ${why}`);
console.log();
const { status, error } = spawnSync(process.execPath, ['dist/meshmend.mjs', ...args], { cwd: root, stdio: 'inherit' });
if (error) throw error;
process.exitCode = status ?? 2;
