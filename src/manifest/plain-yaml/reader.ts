import type { Json, ScalarStyle } from '../node.ts';
import type { Builder } from './builder.ts';
import { CR, DASH, HASH, LF, SPACE, TAB } from './characters.ts';

/** Thrown, without a stack, where a document leaves the common part of YAML. */
export const uncommon = Symbol('uncommon YAML');

/** How deep collections may nest here; deeper ones are for the whole parser. */
export const depthLimit = 60;

/** Where the reading of a document has got to. */
export interface Scanner {
  readonly text: string;
  /** Where the document ends. */
  readonly to: number;
  /** The first character of the content that is read next. */
  position: number;
  /** Its column, when it is the first on its line; -1 at the end. */
  column: number;
  /** Where the part that was read last ends. */
  lastEnd: number;
  /** The scalar that was read last. */
  lastStart: number;
  lastStyle: ScalarStyle;
  lastValue: Json;
}

/** A scanner and what makes the result; `T`, `M` and `S` are those of the builder. */
export interface Reader<T, M, S> extends Scanner {
  readonly build: Builder<T, M, S>;
}

/** Goes to the first line from `offset`, a line's start, that is neither blank nor a comment. */
export function nextLine(scanner: Scanner, offset: number): void {
  const { text, to } = scanner;
  let at = offset;
  while (at < to) {
    const lineStart = at;
    at = behindSpaces(text, at);
    if (at >= to) break;
    const code = text.charCodeAt(at);
    if (isLineBreak(text, at)) at += code === CR ? 2 : 1;
    else if (code === HASH) at = lineAfter(scanner, at);
    else if (code === TAB || code === CR) throw uncommon;
    else {
      scanner.position = at;
      scanner.column = at - lineStart;
      return;
    }
  }
  scanner.position = to;
  scanner.column = -1;
}

/**
 * Skips the blanks and the comment behind a value, and goes on to the next line of content.
 *
 * @param isClosed - true behind a quote or a bracket, where a comment needs no blank before it, as go-yaml reads
 */
export function endLine(scanner: Scanner, at: number, isClosed = false): void {
  const { text, to } = scanner;
  const end = behindSpaces(text, at);
  const code = text.charCodeAt(end);
  if (end >= to) nextLine(scanner, to);
  else if (code === LF) nextLine(scanner, end + 1);
  else if (code === CR && text.charCodeAt(end + 1) === LF) nextLine(scanner, end + 2);
  else if (code === HASH && (end > at || isClosed)) nextLine(scanner, lineAfter(scanner, end));
  else throw uncommon;
}

/** The start of the line after that of an offset, or the document's end. */
export function lineAfter({ text, to }: Scanner, at: number): number {
  const newline = text.indexOf('\n', at);
  return newline === -1 || newline >= to ? to : newline + 1;
}

export function behindSpaces(text: string, from: number): number {
  let at = from;
  while (text.charCodeAt(at) === SPACE) at++;
  return at;
}

/** The end of a part, without the spaces at its end. */
export function withoutSpaces(text: string, start: number, end: number): number {
  let at = end;
  while (at > start && text.charCodeAt(at - 1) === SPACE) at--;
  return at;
}

/** True at a line feed, also with a carriage return before it. */
export function isLineBreak(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code === LF || (code === CR && text.charCodeAt(at + 1) === LF);
}

/** True at a line break, at the document's end, or at a comment. */
export function isLineEnd({ text, to }: Scanner, at: number): boolean {
  return at >= to || text.charCodeAt(at) === HASH || isLineBreak(text, at);
}

export function isBreakOrBlank({ text, to }: Scanner, at: number): boolean {
  const code = text.charCodeAt(at);
  return at >= to || code === SPACE || code === LF || code === CR || code === TAB;
}

/** True at a `#` that begins a comment behind a scalar. */
export function isComment(text: string, at: number): boolean {
  return text.charCodeAt(at) === HASH && text.charCodeAt(at - 1) === SPACE;
}

/** True at the `-` of an item. */
export function isDash(scanner: Scanner, at: number): boolean {
  return scanner.text.charCodeAt(at) === DASH && isBreakOrBlank(scanner, at + 1);
}
