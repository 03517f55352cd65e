/**
 * What `meshmend explain`, the help and the reports show of a remedy: its `page.md`, as read by `npm run generate`.
 * Texts are plain sentences with their full stops; code is between backticks.
 */
export interface Page {
  /** The problem, as a heading: "Requests by HTTP/1.0 get 426". */
  readonly title: string;
  /** What the remedy does: one imperative sentence without its full stop, for `--help` and the tables. */
  readonly summary: string;
  /** Titles of the FAQ's pages that the remedy solves; empty beyond the FAQ. */
  readonly faq: readonly string[];
  /**
   * What people see and would type: status codes (`431`), response flags (`UF,URX`), pod states, error texts, names of
   * fields and labels, words of the FAQ (`lowercase`). Compared without case.
   */
  readonly symptoms: readonly string[];
  /** What is seen, and where. */
  readonly symptom: string;
  readonly cause: string;
  /** What meshmend changes, by default and by its main parameters. */
  readonly change: string;
  /** What differs between versions of Istio. */
  readonly versions: string;
  /** When not to do this, and what it costs. */
  readonly caution: string;
  /** How to see in a running mesh that it worked: commands or requests. */
  readonly check: string;
  /** The help text of each finding code. */
  readonly findings: Readonly<Record<string, string>>;
}
