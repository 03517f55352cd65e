import { distance } from 'fastest-levenshtein';
import { nearest } from '../nearest.ts';
import { type CatalogueEntry, catalogue } from '../remedies/catalogue.ts';
import type { Answer } from '../report/explain.ts';

/** At most so many pages are shown in full, and so many are named beside them. */
const fullPages = 3;
const relatedPages = 5;

/** So many words of a question are looked at: a whole log pasted in has said what it has to say by then. */
const longestQuestion = 2000;

/** A page whose score is at least this share of the best one's answers as well, or is at least related. */
const tie = 0.85;
const near = 0.45;

/**
 * Finds the remedies that a question is about: ids, status codes, response flags, pod states, field names, plain
 * words, a line of a log. Case, punctuation and inflections do not count, and codes count as a whole only.
 *
 * @param asked - the words of one question, or ids, each of which gets its page
 * @returns undefined when no page is about it
 */
export function explain(asked: readonly string[], all: readonly CatalogueEntry[] = catalogue): Answer | undefined {
  const exact = exactPages(asked, all);
  if (exact.length > 0) return { pages: exact, related: [] };
  const words = wordsOf(asked.join(' ')).slice(0, longestQuestion);
  const scores = scoresOf(words, indexOf(all));
  const [best] = scores;
  if (!best || !(best.named || best.score >= leastCoverage * best.possible)) return undefined;
  const equal = scores.filter(({ score }) => score >= tie * best.score).slice(0, fullPages);
  const others = scores.filter((each) => !equal.includes(each) && each.score >= near * best.score);
  return { pages: equal.map(remedyOf), related: others.slice(0, relatedPages).map(remedyOf) };
}

function remedyOf({ remedy }: { readonly remedy: CatalogueEntry }): CatalogueEntry {
  return remedy;
}

/** A question that names no symptom is answered only when a page has at least this share of it. */
const leastCoverage = 0.25;

/**
 * Pages named by id (`disable-retries`, `--disable-retries`, `disable retries`), by the code of a finding
 * (`disable-retries/default-retries`), or by the heading of theirs or of the FAQ.
 */
function exactPages(asked: readonly string[], all: readonly CatalogueEntry[]): readonly CatalogueEntry[] {
  const named = asked.map((text) => remedyOfCode(text, all) ?? idOf(wordsOf(text).join('-'), all));
  if (named.length > 0 && named.every((remedy) => remedy !== undefined)) return [...new Set(named)];
  const question = wordsOf(asked.join(' ')).join(' ');
  if (question === '') return [];
  const isSame = (text: string): boolean => wordsOf(text).join(' ') === question;
  return all.filter(({ id, title, faq }) => isSame(id) || isSame(title) || faq.some(isSame)).slice(0, fullPages);
}

function remedyOfCode(text: string, all: readonly CatalogueEntry[]): CatalogueEntry | undefined {
  const [id, fault] = text.split('/');
  return fault === undefined
    ? undefined
    : all.find((remedy) => remedy.id === id && Object.hasOwn(remedy.findings, fault));
}

/** The remedy of an id, or of a slip of one. */
function idOf(text: string, all: readonly CatalogueEntry[]): CatalogueEntry | undefined {
  const exact = all.find(({ id }) => id === text);
  const ids = all.map(({ id }) => id);
  const slip = text.length > 7 && text.includes('-') ? nearest(text, ids) : undefined;
  // A looser likeness than this is found among plain words: `trace-headers`, `lower-case`.
  const isNear = slip !== undefined && distance(text, slip) <= Math.max(2, Math.floor(slip.length / 8));
  return exact ?? (isNear ? all.find(({ id }) => id === slip) : undefined);
}

/** The way out of a question that no page answers: what is nearest to it. */
export function nearestSymptoms(asked: readonly string[], all: readonly CatalogueEntry[] = catalogue): string {
  const words = wordsOf(asked.join(' '));
  const symptoms = [...new Set(all.flatMap(({ symptoms }) => symptoms))];
  const codes = symptoms.filter((symptom) => /^[1-5]\d\d$/.test(symptom)).sort();
  if (words.length > 0 && words.every((word) => /^[\d.]+$/.test(word))) return `known codes: ${codes.join(', ')}`;
  const known = [...all.map(({ id }) => id), ...symptoms];
  const parts = known.flatMap((text) => wordsOf(text)).filter((word) => word.length > 3);
  const found = [
    nearest(asked.join(' '), known),
    ...words.filter((word) => word.length > 3).map((word) => nearest(word, [...known, ...parts])),
  ].filter((text) => text !== undefined);
  const others = [...new Set(found)].filter((text) => !words.includes(text));
  if (others.length === 0) return 'meshmend explain, without a question, lists all symptoms';
  return `did you mean ${others.slice(0, 3).join(', or ')}?`;
}

/** What can be found of one remedy. */
interface Entry {
  readonly remedy: CatalogueEntry;
  readonly symptoms: readonly Phrase[];
  /** Words of its headings, and of everything it says. */
  readonly headings: ReadonlySet<string>;
  readonly words: ReadonlySet<string>;
}

interface Phrase {
  /** In the form in which words are compared, without those that mean nothing. */
  readonly words: readonly string[];
  /** Written as one word, which may be how somebody else writes it: `lowercase`, `lower case`, `lower-case`. */
  readonly joined: readonly [exact: string, inflected: string];
  /** Short ones count only as they are: `ab` is not `a b`. */
  readonly isShort: boolean;
}

interface Index {
  readonly pages: readonly Entry[];
  /** How much weight a word has: the fewer pages have it, the more. */
  weight(word: string): number;
}

const indexes = new WeakMap<readonly CatalogueEntry[], Index>();

function indexOf(all: readonly CatalogueEntry[]): Index {
  const known = indexes.get(all);
  if (known) return known;
  const pages = all.map(entryOf);
  const counts = new Map<string, number>();
  for (const { words } of pages) for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  const weight = (word: string): number =>
    meaningless.has(word) ? 0 : Math.log(1 + pages.length / (counts.get(word) ?? 1));
  const index = { pages, weight };
  indexes.set(all, index);
  return index;
}

function entryOf(remedy: CatalogueEntry): Entry {
  const { id, title, faq, summary, symptoms, symptom, cause, change, versions, caution, check, findings } = remedy;
  const headings = [id, title, ...faq].flatMap(stemsOf);
  const phrases = symptoms.map((symptom): Phrase => {
    const words = wordsOf(symptom);
    return {
      words: [...new Set(words.map(stem))].filter((word) => !meaningless.has(word)),
      joined: joinedForms(words),
      isShort: words.length === 1 && (words[0] as string).length < 6,
    };
  });
  const body = [
    summary,
    ...symptoms,
    symptom,
    cause,
    change,
    versions,
    caution,
    check,
    ...Object.values(findings),
  ].flatMap(stemsOf);
  return {
    remedy,
    symptoms: phrases.filter(({ words }) => words.length > 0),
    headings: new Set(headings),
    words: new Set([...headings, ...body]),
  };
}

interface Score {
  readonly remedy: CatalogueEntry;
  readonly score: number;
  /** What a page would score that has every word of the question. */
  readonly possible: number;
  /** True when the question has one of the page's symptoms as a whole. */
  readonly named: boolean;
}

/** How much a word counts that is part of a symptom, in a heading, or in the text. */
const credits = { scattered: 0.9, partly: 0.6, heading: 0.5, text: 0.15 } as const;

/** The pages that have something of the question, the best first. */
function scoresOf(words: readonly string[], { pages, weight }: Index): Score[] {
  const stems = words.map(stem);
  const distinct = [...new Set(stems)];
  const possible = distinct.reduce((sum, word) => sum + weight(word), 0);
  return pages
    .map((page): Score => {
      const evidence = evidenceOf(page, words, stems, weight);
      const score = distinct.reduce((sum, word) => sum + (evidence.credit.get(word) ?? 0) * weight(word), 0);
      return { remedy: page.remedy, score, possible, named: evidence.named };
    })
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score);
}

function evidenceOf(
  page: Entry,
  words: readonly string[],
  stems: readonly string[],
  weight: Index['weight'],
): { readonly credit: ReadonlyMap<string, number>; readonly named: boolean } {
  const credit = new Map<string, number>();
  const raise = (word: string, to: number): void => {
    credit.set(word, Math.max(credit.get(word) ?? 0, to));
  };
  const asked = new Set(stems);
  for (const word of asked) {
    if (page.headings.has(word)) raise(word, credits.heading);
    else if (page.words.has(word)) raise(word, credits.text);
  }
  const isNamed = page.symptoms.map((phrase) => {
    const windows = windowsOf(phrase, words);
    for (const [start, end] of windows) for (const word of stems.slice(start, end)) raise(word, 1);
    const found = phrase.words.filter((word) => asked.has(word));
    const isWhole = found.length === phrase.words.length;
    const share = sumOf(found, weight) / sumOf(phrase.words, weight);
    for (const word of found) raise(word, isWhole ? credits.scattered : Math.max(credits.partly * share, 0.2));
    return windows.length > 0 || isWhole;
  });
  return { credit, named: isNamed.includes(true) };
}

function sumOf(words: readonly string[], weight: Index['weight']): number {
  return words.reduce((sum, word) => sum + weight(word), 0);
}

/** Where a phrase is in a question, in one piece: from a word to before another. */
function windowsOf({ joined, isShort }: Phrase, words: readonly string[]): [start: number, end: number][] {
  const windows: [number, number][] = [];
  const longest = Math.max(...joined.map((form) => form.length));
  for (let start = 0; start < words.length; start++) {
    // No ending is so long that it takes the first letter away.
    if (words[start]?.[0] !== joined[0][0]) continue;
    let length = 0;
    for (let end = start + 1; end <= words.length; end++) {
      length += (words[end - 1] as string).length;
      if (length > longest + 12 || (isShort && end > start + 1)) break;
      const [exact, inflected] = joinedForms(words.slice(start, end));
      if (exact === joined[0] || inflected === joined[1]) windows.push([start, end]);
    }
  }
  return windows;
}

/** Words as one: with the ending of the last one off, and with all endings off. */
function joinedForms(words: readonly string[]): [exact: string, inflected: string] {
  return [stem(words.join('')), words.map(stem).join('')];
}

/** The words of a text in lower case: letters and digits, and versions such as `1.9.2` as a whole. */
function wordsOf(text: string): string[] {
  const found =
    text
      .normalize('NFKC')
      .toLowerCase()
      .match(/v?\d+(?:\.\d+)+|[\p{L}\p{N}]+/gu) ?? [];
  return found.map((word) => word.replace(/^v(?=\d+\.)/, ''));
}

function stemsOf(text: string): string[] {
  return wordsOf(text).map(stem);
}

/**
 * A word without its ending: retries, retried and retry are one word, as are crashes and crashed. Simple on purpose:
 * it need not be a word, only the same for all of its forms, and different for other words. Codes stay as they are.
 */
export function stem(word: string): string {
  if (word.length < 4 || meaningless.has(word) || /^[\d.]+$/.test(word)) return word;
  const singular = word
    .replace(/(ie|y)s$/, 'y')
    .replace(/ied$/, 'y')
    .replace(/(s|x|z|ch|sh)es$/, '$1')
    .replace(/([^suig])s$/, '$1')
    .replace(/([^aeiou]g)s$/, '$1')
    .replace(/(ing)s$/, '$1');
  const root = singular
    .replace(/ivity$/, 'ive')
    .replace(/^(.*[aeiouy].*)(ing|ed)$/, '$1')
    .replace(/([bdgklmnprt])\1$/, '$1')
    .replace(/(.{3,})e$/, '$1')
    .replace(/^(.*[aeiouy].*[^aeiou])(ion|ur)$/, '$1');
  // `ares` is not `are`.
  return meaningless.has(root) ? word : root.length < 3 ? singular : root;
}

/** Words that say nothing of what a question is about. */
const meaningless: ReadonlySet<string> = new Set(
  `a an and any are as at be been but by can cannot could did do does for from get got had has have how i if in into is it its
me my no not of on or our should so that the their them then there these they this those to too us via was we were what when
where which while who why will with would you your`.split(/\s+/),
);
