import { Option } from 'clipanion';
import { type ExitCode, isColoured, MeshmendCommand, runCommand } from '../command/frontend.ts';
import { InputError } from '../errors.ts';
import { type CatalogueEntry, catalogue } from '../remedies/catalogue.ts';
import {
  type Answer,
  answerJson,
  answerMarkdown,
  answerText,
  symptomsMarkdown,
  symptomsText,
} from '../report/explain.ts';
import { remediesJson } from '../report/remedies.ts';
import { explain, nearestSymptoms } from './answer.ts';
import { chosenFormat, formatOption } from './remedies.ts';

/** How an answer is printed, and what is printed without a question. */
interface Format {
  readonly answer: (answer: Answer) => string;
  readonly symptoms: (all: readonly CatalogueEntry[]) => string;
}

const formats: Readonly<Record<string, Format>> = {
  text: {
    answer: (answer) => answerText(answer, isColoured(process.stdout)),
    symptoms: (all) => symptomsText(all, isColoured(process.stdout)),
  },
  json: { answer: answerJson, symptoms: remediesJson },
  markdown: { answer: answerMarkdown, symptoms: symptomsMarkdown },
};

class ExplainCommand extends MeshmendCommand {
  static override paths = [['explain']];
  static override usage = {};

  asked = Option.Rest({ name: 'SYMPTOM' });
  format = Option.String('--format', 'text', formatOption(formats));

  async run(): Promise<ExitCode> {
    const format = chosenFormat(this.format, formats);
    if (this.asked.length === 0) {
      process.stdout.write(format.symptoms(catalogue));
      return 0;
    }
    const answer = explain(this.asked);
    if (!answer) {
      const question = this.asked.join(' ');
      const shown = question.length > 80 ? `${question.slice(0, 80)}…` : question;
      throw new InputError(`no entry for "${shown}"`, { hint: nearestSymptoms(this.asked) });
    }
    process.stdout.write(format.answer(answer));
    return 0;
  }
}

/** The frontend `meshmend explain`. */
export function run(argv: readonly string[]): Promise<ExitCode> {
  const help = {
    synopsis: 'explain [REMEDY | SYMPTOM…] [--format FORMAT]',
    description: `Explains a symptom: what it means and how to fix it. Ask by remedy, code of a finding, status code, response flag, pod
state, field or plain words; several words are one question, and a line of a log will do. Without a question, all
symptoms are listed.`,
    values: { '--format': 'FORMAT' },
    examples: [
      ['A status code', 'meshmend explain 431'],
      ['Response flags of the access log', 'meshmend explain UF,URX'],
      ['A line of a log; -- lets it begin with a dash', 'meshmend explain -- "iptables-restore: line 2 failed"'],
      ['A remedy', 'meshmend explain disable-retries'],
    ],
  } as const;
  return runCommand(ExplainCommand, help, argv);
}
