// Shows the main job on this folder: what is wrong, what some of it means, and the diff that mends it. Writes nothing.
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

meshmend('What is wrong here?', ['diagnose', 'examples/shop', '--fail-on', 'never']);
meshmend('What does one of these mean?', ['explain', 'circuit', 'breaker']);
meshmend(
  'Mend the faults, and what else is wanted:',
  ['rewrite', 'examples/shop', '--diff', ...intents.map(([flag]) => flag)],
  intents.map(([flag, why]) => `  ${flag.padEnd(26)} ${why}\n`).join(''),
);

function meshmend(title, args, comment = '') {
  console.log(`# ${title}\n$ meshmend ${args.join(' ')}\n${comment}`);
  const { status, error } = spawnSync(process.execPath, ['dist/meshmend.cjs', ...args], {
    cwd: root,
    stdio: 'inherit',
  });
  if (error) throw error;
  if (status !== 0) process.exitCode = status ?? 2;
  console.log();
}
