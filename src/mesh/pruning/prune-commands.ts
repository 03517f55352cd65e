import { type Command, commandsIn, substitutionsIn } from './shell.ts';

/** A command that removes all exited containers of a node. */
export interface PruneCommand {
  /** As written. */
  readonly text: string;
  /** What to do about it, as a sentence without its final stop: `Write … instead`. */
  readonly instead: string;
}

/** The commands of a script that remove exited containers of pods. */
export function pruneCommandsIn(script: string): PruneCommand[] {
  if (!/\b(docker|crictl|nerdctl|ctr)\b/i.test(script) || !/\b(prune|rm|remove|del|delete)\b/.test(script)) return [];
  const whole: Script = { text: script, listsExited: once(() => script.split('\n').some(listsExited)) };
  return commandsIn(script).flatMap((command) => {
    const call = callOf(command, script);
    const kind = call && prunes(call, command, whole);
    const text = command.text.replace(/^((if|then|else|elif|do|while|until|!)\s+)+/, '');
    return kind ? [{ text, instead: instead[kind] }] : [];
  });
}

interface Script {
  readonly text: string;
  /** Whether any of its lines lists exited containers of pods. */
  listsExited(): boolean;
}

function once(answer: () => boolean): () => boolean {
  let known: boolean | undefined;
  return () => {
    known ??= answer();
    return known;
  };
}

type Kind = 'containers' | 'everything' | 'listed' | 'kubelet';

/** @see https://docs.docker.com/reference/cli/docker/container/prune/#filter */
const spared =
  'Write `docker container prune -f --filter "label!=io.kubernetes.pod.name"` instead, which spares containers of pods';

const instead: Readonly<Record<Kind, string>> = {
  containers: spared,
  everything: 'Write `docker image prune -af` instead, which frees the space and spares containers',
  listed: spared,
  kubelet: 'Remove it: the kubelet removes containers of deleted pods, and unused images, itself',
};

interface Call {
  readonly tool: 'docker' | 'crictl' | 'nerdctl' | 'ctr';
  /** Words behind the tool's own options. */
  readonly words: readonly string[];
  readonly namespace: string | undefined;
  readonly host: string | undefined;
}

/** Commands that run the one behind them. */
const runners =
  /^(sudo|doas|time|nice|ionice|nohup|exec|command|env|timeout|nsenter|chroot|xargs|flock|if|then|else|elif|do|while|until|!|-|run|root|k3s|microk8s|@\w+)$/;

/** Options of the tools that take a value of their own, before the subcommand. */
const valued =
  /^(-H|--host|--context|--config|-l|--log-level|-n|--namespace|-a|--address|-r|--runtime-endpoint|-i|--image-endpoint|-t|--timeout|--snapshotter)$/;

function callOf({ words }: Command, script: string): Call | undefined {
  const start = toolIndex(words);
  if (start === undefined) return undefined;
  const tool = toolOf(words[start]!)!;
  const options = new Map<string, string>();
  let at = start + 1;
  for (; at < words.length && words[at]!.startsWith('-'); at++) {
    const [name = '', value] = words[at]!.split(/=(.*)/s, 2);
    if (value !== undefined) options.set(name, value);
    else if (valued.test(name)) options.set(name, words[++at] ?? '');
  }
  const exported = /\bCONTAINERD_NAMESPACE=["']?([\w.-]+)/.exec(script)?.[1];
  return {
    tool,
    words: words.slice(at),
    namespace: options.get('-n') ?? options.get('--namespace') ?? exported,
    host: options.get('-H') ?? options.get('--host'),
  };
}

function toolOf(word: string): Call['tool'] | undefined {
  const name = word.replace(/^Exec\w+=[-@+!:]*/, '').replace(/^\$\{?(\w+?)(_(BIN|CMD|CLI))?\}?$/i, '$1');
  const base = name.split('/').at(-1)?.toLowerCase();
  return base === 'docker' || base === 'crictl' || base === 'nerdctl' || base === 'ctr' ? base : undefined;
}

/** Where the tool's name is: first, or behind assignments, runners, the time of a crontab, or the key of a YAML line. */
function toolIndex(words: readonly string[]): number | undefined {
  let first = 0;
  while (first < words.length && /^(\w+=|[\d*,/-]+$|[\w.-]+:$)/.test(words[first]!) && !/^Exec/.test(words[first]!))
    first++;
  const head = words[first];
  if (head === undefined) return undefined;
  if (toolOf(head)) return first;
  const base = head.split('/').at(-1) ?? '';
  if (!runners.test(base)) return undefined;
  const index = words.findIndex((word, at) => at > first && toolOf(word) !== undefined);
  return index === -1 ? undefined : index;
}

/** What of the node's containers a call removes; undefined for none of pods. */
function prunes(call: Call, command: Command, script: Script): Kind | undefined {
  const { tool, words, namespace, host } = call;
  if (host !== undefined && /^(tcp|ssh|https?):/.test(host)) return undefined; // another machine's
  if (tool === 'docker') return prunedByDocker(words, command, script);
  if (tool === 'crictl') return prunedByCrictl(words, command, script);
  // Kubernetes keeps its containers in a namespace of containerd that nerdctl and ctr use only when told.
  if (namespace !== 'k8s.io') return undefined;
  if (tool === 'nerdctl') return prunedByDocker(words, command, script) && 'kubelet';
  const [verb = '', object = ''] = words;
  if (!isGroup(verb) || !/^(rm|remove|del|delete)$/.test(object)) return undefined;
  return isOfExited(words.slice(2), command, script) ? 'kubelet' : undefined;
}

function isGroup(verb: string): boolean {
  return /^(container|containers|c)$/.test(verb);
}

/** By a call of docker, or of nerdctl, which has the same commands. */
function prunedByDocker(words: readonly string[], command: Command, script: Script): Kind | undefined {
  const [verb = '', object = ''] = words;
  const isGrouped = isGroup(verb);
  if (object === 'prune' && (isGrouped || verb === 'system')) {
    if (sparesPods(words)) return undefined;
    return isGrouped ? 'containers' : 'everything';
  }
  const isGroupedRemoval = isGrouped && /^(rm|remove)$/.test(object);
  if (verb !== 'rm' && !isGroupedRemoval) return undefined;
  return isOfExited(words.slice(isGroupedRemoval ? 2 : 1), command, script) ? 'listed' : undefined;
}

function prunedByCrictl([verb, ...words]: readonly string[], command: Command, script: Script): Kind | undefined {
  if (verb !== 'rm') return undefined;
  const isAll = words.some((word) => word === '--all' || /^-[a-z]*a[a-z]*$/.test(word));
  return isAll || isOfExited(words, command, script) ? 'kubelet' : undefined;
}

/** True when the filters of a prune leave out the containers of pods, or take in only others. */
function sparesPods(words: readonly string[]): boolean {
  return words.some((word, index) => {
    const filter = /^--filter=(.*)/s.exec(word)?.[1] ?? (words[index - 1] === '--filter' ? word : undefined);
    if (filter === undefined) return false;
    const isOfPods = /io\.kubernetes/.test(filter);
    return filter.startsWith('label!=') ? isOfPods : filter.startsWith('label=') && !isOfPods;
  });
}

/** True when operands are not names but a list of whatever has exited. */
function isOfExited(operands: readonly string[], command: Command, script: Script): boolean {
  const isFed = command.words.some((word) => /(^|\/)xargs$/.test(word));
  if (isFed && listsExited(command.before)) return true;
  return operands.some((operand) => {
    if (!/[$`]/.test(operand)) return false;
    const lists = listsOf(operand, script.text);
    return lists.length > 0 ? lists.some(listsExited) : script.listsExited();
  });
}

/** What fills an operand: its substitution, or those that its variable is set from; none when that is not to be seen. */
function listsOf(operand: string, script: string): string[] {
  const inner = substitutionsIn(operand);
  if (inner.length > 0) return inner;
  const variable = /\$\{?(\w+)/.exec(operand)?.[1];
  if (variable === undefined) return [];
  const set = new RegExp(`\\b(?:${variable}=|for\\s+${variable}\\s+in\\s+)["']?`, 'g');
  return [...script.matchAll(set)].flatMap(({ index, 0: text }) => {
    const line = script.slice(index + text.length, index + 2_000).split(/;|\n\s*do\b/, 1)[0] ?? '';
    return substitutionsIn(line).slice(0, 1);
  });
}

const listing =
  /\b(docker|nerdctl|crictl)\b[^|;\n]*\b(ps|ls|list)\b([^|;\n]*)|\bctr\b[^|;\n]*\b(c|containers?)\s+(ls|list)\b/;

/** True for a list of containers that exited ones of pods are in. */
function listsExited(list: string): boolean {
  const found = listing.exec(list);
  if (!found) return false;
  const options = found[3];
  return (options === undefined || includesExited(options)) && !grepsOthers(list);
}

/** True for options by which a list has exited containers of pods. */
function includesExited(options: string): boolean {
  const isExited = /(^|\s)(-[a-z]*a[a-z]*|--all)\b|status=["']?(exited|created|dead)|(-s|--state)[= ]["']?exited/i;
  const narrowed =
    /(?:(?:-\w*f|--filter)[= ]["']?|--)(name|label|ancestor|network|volume|id|image|pod)[= ]["']?([^\s"']+)/g;
  return isExited.test(options) && [...options.matchAll(narrowed)].every(([, , value = '']) => isOfPods(value));
}

/** True when a grep behind the list leaves out the containers of pods. */
function grepsOthers(list: string): boolean {
  const greps = [...list.matchAll(/\bgrep\s+((?:-\w+\s+)*)["']?([^\s"'|)]+)/g)];
  return greps.some(([, flags = '', pattern = '']) => {
    if (/v/.test(flags)) return isOfPods(pattern);
    return !isOfPods(pattern) && !/exit|dead|creat|minute|hour|day|week|month/i.test(pattern);
  });
}

function isOfPods(text: string): boolean {
  return /k8s|kube|istio|pause|pod/i.test(text);
}
