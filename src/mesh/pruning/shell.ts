/** One command of a pipeline: its words, without quotes. Substitutions are kept as written: `$(docker ps -aq)`. */
export interface Command {
  readonly words: readonly string[];
  /** The commands before it in its pipeline, as written. */
  readonly before: string;
  /** The command as written, on one line. */
  readonly text: string;
}

/**
 * The commands of a shell script, as far as they can be read without running it: lines, lists, pipelines,
 * substitutions, and scripts given to a shell by `-c`. Comments are left out. Other text gives odd commands,
 * which no caller knows.
 */
export function commandsIn(script: string): Command[] {
  const found: Command[] = [];
  collect(script.slice(0, longestScript), found, 0);
  return found;
}

/** Scripts in scripts in scripts: deeper ones are not written. */
const deepest = 8;

/** A longer text is not a script written by hand, and reading it must not take long. */
const longestScript = 65_536;
const longestSubstitution = 2_000;
const longestQuotation = 16_000;

function collect(script: string, found: Command[], depth: number): void {
  if (depth > deepest) return;
  const nested: string[] = [];
  for (const pipeline of pipelinesOf(script.replace(/\\\r?\n/g, ' '), nested)) {
    let before = '';
    for (const { words, text } of pipeline) {
      if (words.length === 0) continue;
      found.push({ words, before, text: text.trim().replace(/\s+/g, ' ') });
      before += `${text}|`;
      nested.push(...scriptsIn(words));
    }
  }
  for (const inner of nested) collect(inner, found, depth + 1);
}

/** `sh -c SCRIPT`, behind whatever else (`nsenter -t 1 -m -- sh -c SCRIPT`), `eval SCRIPT`, and `echo CRONTAB >/etc/cron.d/x`. */
function scriptsIn(words: readonly string[]): string[] {
  if (words[0] === 'eval') return [words.slice(1).join(' ')];
  if (words[0] === 'echo' || words[0] === 'printf') return isForCron(words) ? words.slice(1) : [];
  return words.flatMap((word, index) => {
    const shell = words[index - 1];
    const isScript = /^-[a-z]*c$/.test(shell ?? '') && words.slice(0, index).some(isShell);
    return isScript ? [word] : [];
  });
}

function isForCron(words: readonly string[]): boolean {
  return words.some(
    (word, index) => /^>*[^>]*cron/.test(word) && (word.startsWith('>') || /^>+$/.test(words[index - 1] ?? '')),
  );
}

function isShell(word: string): boolean {
  return /(^|\/)((ba|a|da|k|z)?sh|su)$/.test(word);
}

interface Part {
  words: string[];
  text: string;
}

/** A script that is being cut into commands. */
interface Cutting {
  readonly script: string;
  at: number;
  readonly pipelines: Part[][];
  pipeline: Part[];
  part: Part;
  /** The word so far; undefined between words. */
  word: string | undefined;
  /** What substitutions run. */
  readonly nested: string[];
}

/** Cuts a script into pipelines of commands, and puts what substitutions run into `nested`. */
function pipelinesOf(script: string, nested: string[]): Part[][] {
  const cutting: Cutting = {
    script,
    at: 0,
    pipelines: [],
    pipeline: [],
    part: { words: [], text: '' },
    word: undefined,
    nested,
  };
  while (cutting.at < script.length) if (!readQuoted(cutting)) readPlain(cutting);
  endPipeline(cutting);
  return cutting.pipelines;
}

/** Reads an escape, a quoted text or a substitution; false where there is none. */
function readQuoted(cutting: Cutting): boolean {
  const { script, at, nested } = cutting;
  const close = quoteEnd(script, at);
  const substitution = substitutionAt(script, at);
  if (script[at] === '\\' && at + 1 < script.length) readIntoWord(cutting, script[at + 1]!, 2);
  else if (close !== undefined) {
    const inner = script.slice(at + 1, close);
    if (script[at] === '"') nested.push(...substitutionsIn(inner));
    readIntoWord(cutting, inner, close + 1 - at);
  } else if (substitution) {
    nested.push(substitution.script);
    readIntoWord(cutting, script.slice(at, substitution.end), substitution.end - at);
  } else return false;
  return true;
}

function readPlain(cutting: Cutting): void {
  const { script, at, word } = cutting;
  const character = script[at]!;
  if (character === '#' && word === undefined) skipComment(cutting);
  else if (script.startsWith('||', at) || script.startsWith('&&', at)) endPipeline(cutting, 2);
  else if (/[;&\n()]/.test(character) || (word === undefined && isBrace(script, at))) endPipeline(cutting, 1);
  else if (character === '|') endCommand(cutting, 1);
  else if (/\s/.test(character)) {
    endWord(cutting);
    cutting.part.text += character;
    cutting.at++;
  } else readIntoWord(cutting, character, 1);
}

/** @param length - how many characters of the script it takes */
function readIntoWord(cutting: Cutting, text: string, length: number): void {
  cutting.word = (cutting.word ?? '') + text;
  cutting.part.text += cutting.script.slice(cutting.at, cutting.at + length);
  cutting.at += length;
}

function skipComment(cutting: Cutting): void {
  const end = cutting.script.indexOf('\n', cutting.at);
  cutting.at = end === -1 ? cutting.script.length : end;
}

function endWord(cutting: Cutting): void {
  if (cutting.word !== undefined) cutting.part.words.push(cutting.word);
  cutting.word = undefined;
}

/** @param length - of the separator, which is skipped */
function endCommand(cutting: Cutting, length = 0): void {
  endWord(cutting);
  cutting.pipeline.push(cutting.part);
  cutting.part = { words: [], text: '' };
  cutting.at += length;
}

function endPipeline(cutting: Cutting, length = 0): void {
  endCommand(cutting, length);
  cutting.pipelines.push(cutting.pipeline);
  cutting.pipeline = [];
}

/** A brace groups commands only as a word of its own: `{}` is what xargs and find fill in. */
function isBrace(script: string, at: number): boolean {
  return /^[{}]$/.test(script[at]!) && /^$|[\s;&|)]/.test(script[at + 1] ?? '');
}

/** The end of the quotation that starts at `start`. An apostrophe in a word of prose starts none. */
function quoteEnd(script: string, start: number): number | undefined {
  const quote = script[start];
  if ((quote !== '"' && quote !== "'") || /[A-Za-z0-9]/.test(script[start - 1] ?? '')) return undefined;
  const last = Math.min(script.length, start + longestQuotation);
  for (let end = start + 1; end < last; end++) {
    if (quote === '"' && script[end] === '\\') end++;
    else if (script[end] === quote) return end;
  }
  return undefined;
}

/** `$(…)` or `` `…` ``. */
function substitutionAt(script: string, start: number): { script: string; end: number } | undefined {
  if (script[start] === '`') {
    const length = script.slice(start + 1, start + longestSubstitution).indexOf('`');
    const end = start + 1 + length;
    return length === -1 ? undefined : { script: script.slice(start + 1, end), end: end + 1 };
  }
  if (!script.startsWith('$(', start) || script[start + 2] === '(') return undefined;
  let open = 0;
  const last = Math.min(script.length, start + longestSubstitution);
  for (let end = start + 1; end < last; end++) {
    if (script[end] === '(') open++;
    if (script[end] === ')' && --open === 0) return { script: script.slice(start + 2, end), end: end + 1 };
  }
  return undefined;
}

/** What the substitutions of a word or a text run. */
export function substitutionsIn(text: string): string[] {
  const found: string[] = [];
  for (let at = 0; at < text.length; at++) {
    const substitution = substitutionAt(text, at);
    if (!substitution) continue;
    found.push(substitution.script);
    at = substitution.end - 1;
  }
  return found;
}
