/** True for a text that is meant to be a manifest, also where it cannot be read: it says what it is at the start of a line, or in JSON. */
export function looksLikeManifest(text: string): boolean {
  const says = (key: string): boolean =>
    new RegExp(`^\\ufeff?(---[ \\t]+)?["']?${key}["']?[ \\t]*:`, 'm').test(text) ||
    new RegExp(`"${key}"\\s*:`).test(text);
  return says('apiVersion') && says('kind');
}

/** True for a text that Helm or another engine of templates makes a manifest of. */
export function looksLikeTemplate(text: string): boolean {
  return text.includes('{{');
}

/**
 * True for a file that says in the comments at its head that a program wrote it, whose next run undoes what is edited.
 *
 * @see https://pkg.go.dev/cmd/go#hdr-Generate_Go_files_by_processing_source Go's form of it; others vary in the words
 */
export function isMarkedGenerated(text: string): boolean {
  const head = /^\ufeff?(?:[ \t]*(?:#[^\n]*|---[ \t]*)?\r?\n)*/.exec(text)?.[0] ?? '';
  return /\b(auto-?\s?)?generated\b/i.test(head) && /\b(do[\s#]+not|don['’]t)[\s#]+(edit|modify|change)\b/i.test(head);
}
