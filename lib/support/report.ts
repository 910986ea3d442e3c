import * as path from 'node:path';
import { Problem, sortedByPath } from './forge-error';
import { placeIn } from './stack';

/**
 * The way to print problems.
 *
 * @jsii ignore
 */
export interface ReportOptions {
  /** Whether to print JSON for programs, and not text for people. */
  readonly json: boolean;
  /** The number of columns at which lines of text are wrapped. */
  readonly width: number;
  /** The directory that paths in the report are relative to. */
  readonly directory: string;
  /** The stack of the error, which contains the line of the cdk8s app. */
  readonly stack?: string;
  /** Further lines for the reader. */
  readonly notes?: readonly string[];
}

/** The address of the files of the library, as `homepage` in package.json. */
const DOCUMENTATION = 'https://git.example.com/platform/cdk8s-forge/src/branch/main';

/**
 * Codes whose page has another name than the code. The others are on the page that has the name of the code.
 */
const PAGES: Record<string, string> = {
  ACK: 'support',
  ARG: 'support',
  BK: 'buildkit',
  FRG: 'forge',
  LOCK: 'output',
  NAME: 'support',
  OUT: 'output',
  PIPE: 'pipeline',
  REG: 'registry',
  RUN: 'runner',
  SEC: 'secret',
  WF: 'workflow',
};

/**
 * Returns the report of problems for a terminal or for a program. The report contains no stack trace.
 *
 * @jsii ignore
 */
export function reportOf(problems: readonly Problem[], options: ReportOptions): string {
  const sorted = sortedByPath(problems);
  if (options.json) {
    const entries = sorted.map((problem) => ({
      ...problem,
      place: problem.path === undefined ? placeOf(problem, options) : undefined,
      docs: pageOf(problem.code),
    }));
    const notes = options.notes?.length ? { notes: options.notes } : {};
    return `${JSON.stringify({ count: sorted.length, problems: entries, ...notes })}\n`;
  }
  const parts = sorted.map((problem) => problemText(problem, options));
  const count = sorted.length === 1 ? '1 problem' : `${sorted.length} problems`;
  const end = [`${count}.`, ...(options.notes ?? [])];
  return `${[...parts, ...end.map((line) => wrapped(line, { width: options.width, indent: '' }))].join('\n\n')}\n`;
}

/**
 * Returns the URL of the page that documents a code.
 *
 * @jsii ignore
 */
export function pageOf(code: string): string {
  const room = /^FORGE-([A-Z]+)-/.exec(code)?.[1] ?? '';
  return `${DOCUMENTATION}/docs/errors/${PAGES[room] ?? room.toLowerCase()}.md`;
}

function problemText(problem: Problem, options: ReportOptions): string {
  const place = placeOf(problem, options);
  const at = problem.path ? ` at ${problem.path}` : place ? ` in ${place}` : '';
  const lines = [
    problem.message,
    ...(problem.allowed ? [`allowed: ${problem.allowed}`] : []),
    `fix: ${problem.fix}`,
    ...(problem.symptom ? [`at run time this is: ${problem.symptom}`] : []),
  ];
  const page = `  see: ${pageOf(problem.code)}`;
  return [
    `${problem.code}${at}`,
    ...lines.map((line) => wrapped(line, { width: options.width, indent: '  ', command: problem.command })),
    page,
  ].join('\n');
}

/** Returns the place of a problem in the cdk8s app, for example `main.ts:25`. */
function placeOf({ place }: Problem, { stack, directory }: ReportOptions): string | undefined {
  const found = place ?? placeIn(stack);
  const [, file, line] = /^(.*):(\d+)$/.exec(found ?? '') ?? [];
  return file === undefined ? undefined : `${path.relative(directory, file)}:${line}`;
}

interface WrapOptions {
  readonly width: number;
  readonly indent: string;
  /** A command in the line that has no backticks. */
  readonly command?: string;
}

/** A blank outside of a command: an even number of backticks follows. */
const BLANK = / (?=[^`]*(?:`[^`]*`[^`]*)*$)/;

/**
 * Wraps a line at a width. Continuation lines are indented further. A longer word stays whole, and so does a command, which
 * would not work if someone pasted it with line breaks.
 */
function wrapped(line: string, { width, indent, command = '' }: WrapOptions): string {
  const lines: string[] = [];
  let current = indent;
  let isEmpty = true;
  // A command without backticks is one word, too.
  const whole = line.replaceAll(command, command.replaceAll(' ', '\0'));
  for (const word of whole.split(BLANK).map((text) => text.replaceAll('\0', ' '))) {
    if (!isEmpty && current.length + 1 + word.length > width) {
      lines.push(current);
      current = `${indent}  `;
      isEmpty = true;
    }
    current += isEmpty ? word : ` ${word}`;
    isEmpty = false;
  }
  return [...lines, current].join('\n');
}
