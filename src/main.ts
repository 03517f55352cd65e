import { writeSync } from 'node:fs';
import { endWithOutput, exitWith } from './command/exit.ts';
import { packageVersion } from './command/package-version.ts';
import { InputError } from './errors.ts';

/** A way into the program. `argv` begins with its name. */
interface Frontend {
  run(argv: readonly string[]): Promise<0 | 1 | 2>;
}

/** Each frontend is one file, loaded only when it is asked for, so that none pays for another. */
const frontends: Readonly<Record<string, { readonly summary: string; readonly load: () => Promise<Frontend> }>> = {
  rewrite: { summary: 'edit manifests for the intents named', load: () => import('./cli/rewrite.ts') },
  diagnose: { summary: 'find what is wrong, and the command that fixes it', load: () => import('./cli/diagnose.ts') },
  explain: {
    summary: 'explain what a symptom means, and what fixes it',
    load: () => import('./cli/explain.ts'),
  },
  remedies: { summary: 'list the remedies and their parameters', load: () => import('./cli/remedies.ts') },
  krm: { summary: 'answer kustomize and kpt as a KRM function', load: () => import('./krm/function.ts') },
  'verify-build': {
    summary: 'check that the functions of a kustomize build ran',
    load: () => import('./krm/verify-build.ts'),
  },
  schema: { summary: 'print the JSON Schema of the config', load: () => import('./cli/schema.ts') },
  argocd: { summary: "Argo CD's plugin: generate and parameters", load: () => import('./argocd/frontend.ts') },
};

async function main(argv: readonly string[]): Promise<0 | 1 | 2> {
  const [name] = argv;
  if (name === '--version' || name === '-V') {
    writeSync(1, `${packageVersion()}\n`);
    return 0;
  }
  if (name === undefined || name === '--help' || name === '-h' || (name === 'help' && argv.length === 1)) {
    endWithOutput();
    (name === undefined ? process.stderr : process.stdout).write(overview());
    return name === undefined ? 2 : 0;
  }
  if (name === 'help') return main([argv[1] as string, '--help']);
  const frontend = Object.hasOwn(frontends, name) ? frontends[name] : undefined;
  // A legacy exec plugin of kustomize is called with nothing but a file.
  if (!frontend && process.env['KUSTOMIZE_PLUGIN_CONFIG_STRING'] !== undefined) return main(['krm', ...argv]);
  if (!frontend) throw await unknownCommand(name);
  // Node's streams take longer to load than a function's whole answer, so that one writes without them.
  if (name !== 'krm') endWithOutput();
  return (await frontend.load()).run(argv);
}

function overview(): string {
  const names = Object.keys(frontends);
  const column = Math.max(...names.map((name) => name.length));
  const rows = names.map((name) => `  ${name.padEnd(column)}  ${frontends[name]?.summary}\n`);
  return `meshmend fixes Istio and Kubernetes manifests for the intents you name, and leaves every other byte as it is.

Usage: meshmend COMMAND [OPTION…]

Commands:
${rows.join('')}
Options:
  -h, --help  this text; meshmend COMMAND --help describes one command
  --version   the version of meshmend

Exit codes: 0 done; 1 something was found, would change or could not be applied; 2 wrong usage or input.
`;
}

async function unknownCommand(name: string): Promise<InputError> {
  if (name.startsWith('-'))
    return new InputError(`${name} must come after a command`, { hint: `write meshmend rewrite ${name}` });
  const { hintFor } = await import('./nearest.ts');
  return new InputError(`unknown command ${name}`, { hint: hintFor(name, Object.keys(frontends)) });
}

exitWith(main(process.argv.slice(2)));
