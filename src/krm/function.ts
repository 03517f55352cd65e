import { fstatSync, writeSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { unusedSettings } from '../config/repository.ts';
import { InputError, printable } from '../errors.ts';
import { readInput, readManifest } from '../files/input.ts';
import { stdinPath } from '../files/stdin.ts';
import { joinStream } from '../files/stream.ts';
import type { Document, JsonObject } from '../manifest/node.ts';
import type { Operation } from '../manifest/operation.ts';
import { readDocuments } from '../manifest/read.ts';
import { applyOperations, patchText } from '../patch.ts';
import type { Emitted } from '../run/ledger.ts';
import { type Remediation, type Request, remediate } from '../run/remediate.ts';
import { requestFrom } from '../run/request.ts';
import { type FunctionConfig, readFunctionConfig } from './function-config.ts';
import { carrierOf, isOfBuild, markOperations } from './mark.ts';
import { checkRole } from './misplaced.ts';
import { reportOf } from './report.ts';
import { completion, type ResourceList, readResourceList, settingText } from './resource-list.ts';

/** What a function says; `output` is empty unless all is well, since whatever is on stdout counts as its answer. */
export interface Answer {
  readonly exitCode: 0 | 1;
  readonly output: string;
  /** For people, short: kustomize shows it between its own lines. */
  readonly message: string;
}

const inputName = 'standard input';

/** From here on the optimizing compilers pay; UTF-16 code units, of some 500 resources. */
const longText = 400_000;

/**
 * Answers a ResourceList, as kustomize, kpt and `fn run` send it to a function.
 *
 * @throws InputError when the list or its functionConfig cannot be used
 */
export function answerList(text: string): Answer {
  const list = readResourceList(inputName, text);
  const asked = readFunctionConfig(list.functionConfig, (key) => settingText(list, key));
  const complete: Request['complete'] = ({ findings, changed, emitted }) => {
    const added = emitted.map((emission) => resourceOf(emission, asked));
    const operations: Operation[] = [];
    if (list.isBuild) {
      const carrier = carrierOf(changed);
      if (added[0]) added[0] = applyOperations(added[0], markOperations(added[0], asked.name)) as JsonObject;
      else if (carrier) operations.push(...rebased(markOperations(carrier.value, asked.name), carrier.base));
    }
    operations.push(...completion(list, added, findings));
    return operations.length > 0 ? new Map([[list.document, operations]]) : new Map();
  };
  const file = { path: inputName, text, named: true, documents: [list.document] };
  const remediation = remediate([file], { ...requestFrom(asked.config, 'rewrite'), complete });
  const isCheck = asked.config.mode === 'check';
  if (isCheck && list.isBuild) checkRole(asked.name);
  return answerOf(asked, remediation, list, () => remediation.files[0]!.text);
}

/**
 * Answers as a legacy exec plugin: plain documents on standard input, the config in a file of its own.
 *
 * @see https://kubectl.docs.kubernetes.io/guides/extending_kustomize/exec_plugins/
 */
export function answerPlugin(text: string, configText: string): Answer {
  const [config] = readDocuments({ path: 'the config', text: configText });
  const asked = readFunctionConfig(config?.value);
  const documents = readDocuments({ path: inputName, text });
  const isBuild = documents.length === 0 || documents.some(({ value }) => isOfBuild(value));
  const complete: Request['complete'] = ({ changed, emitted }) => {
    const carrier = carrierOf(changed);
    for (const emission of emitted) resourceOf(emission, asked);
    if (!isBuild || emitted.length > 0 || !carrier?.document) return new Map();
    const operations = rebased(markOperations(carrier.value, asked.name), carrier.base);
    return operations.length > 0 ? new Map<Document, Operation[]>([[carrier.document, operations]]) : new Map();
  };
  const file = { path: inputName, text, named: true, documents };
  const remediation = remediate([file], { ...requestFrom(asked.config, 'rewrite'), complete });
  if (asked.config.mode === 'check' && isBuild) checkRole(asked.name);
  return answerOf(asked, remediation, { isEmpty: documents.length === 0 }, () => {
    const [first, ...others] = remediation.emitted.map((emission) => emission.text);
    const value = first === undefined ? {} : (readDocuments({ path: '', text: first })[0]!.value as JsonObject);
    const added = first === undefined ? [] : [isBuild ? patchText(first, markOperations(value, asked.name)) : first];
    return joinStream([remediation.files[0]!.text, ...added, ...others]);
  });
}

function answerOf(
  { title, config }: FunctionConfig,
  remediation: Remediation,
  { isEmpty }: Pick<ResourceList, 'isEmpty'>,
  write: () => string,
): Answer {
  const isCheck = config.mode === 'check';
  const wouldChange = remediation.findings.some(({ change }) => change && change.length > 0);
  const isFailed = remediation.refused || (isCheck && wouldChange);
  const unused = unusedSettings(config, { exclude: false }).map((line) => `meshmend: ${title}: ${line}`);
  const message =
    reportOf(title, remediation, { isCheck, isEmpty }) + unused.map((line) => `${printable(line)}\n`).join('');
  // A validator that prints its resources fails in kustomize, since kyaml adds annotations to what it reads back.
  return { exitCode: isFailed ? 1 : 0, output: isFailed || isCheck ? '' : write(), message };
}

/** @throws InputError for Helm values, which are not a resource and cannot be among resources */
function resourceOf({ resource, remedy }: Emitted, { title }: FunctionConfig): JsonObject {
  if (resource.kind !== '') return resource.value;
  throw new InputError(`${title}: ${remedy} gives Helm values for this surface, which cannot be among resources`, {
    hint: 'set its surface to deployment, istio-operator or sail, or use meshmend rewrite on the values',
  });
}

function rebased(operations: readonly Operation[], base: string): Operation[] {
  return operations.map((operation) => ({ ...operation, path: base + operation.path }));
}

const help = `Answers as a KRM function: reads a ResourceList on standard input, prints it with the edits that its
functionConfig asks for. kustomize and kpt call this; kustomization.example.yaml shows how.

Usage: meshmend krm            a ResourceList with its functionConfig on standard input
       meshmend krm CONFIG     plain documents on standard input, as a legacy exec plugin of kustomize

Exit codes: 0 done; 1 failed, or mode: check found something to change. Nothing is printed then.
`;

/**
 * Writes without `process.stdout`, whose streams take longer to load than the rest of the answer.
 */
function print(descriptor: 1 | 2, text: string): void {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(descriptor, bytes, at);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EPIPE') return; // the reader has seen enough
      if (code !== 'EAGAIN') throw error; // a full pipe that does not block
    }
  }
}

/** The frontend `meshmend krm`. */
export async function run(argv: readonly string[]): Promise<0 | 1> {
  const [, configPath] = argv;
  if (configPath === '--help' || configPath === '-h') {
    print(1, help);
    return 0;
  }
  try {
    // Node's stream of standard input takes long to load, so it is asked only where there may be a terminal.
    if (fstatSync(0).isCharacterDevice() && process.stdin.isTTY)
      throw new InputError('standard input is a terminal', { hint: 'kustomize calls this' });
    const text = readInput([stdinPath]).files[0]!.text;
    // In so short a run the optimizing compilers cost more than they give: a third of the time for 100 resources.
    if (text.length < longText) setFlagsFromString('--no-opt --no-maglev');
    const answer =
      configPath === undefined ? answerList(text) : answerPlugin(text, readManifest(configPath, true).text);
    print(2, answer.message);
    print(1, answer.output);
    return answer.exitCode;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    print(2, `meshmend: ${error.report()}`);
    return 1;
  }
}
