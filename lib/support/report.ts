import * as fs from 'node:fs';
import * as path from 'node:path';
import { Problem, sortedByPath } from './forge-error';

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
  const place = placeIn(options);
  if (options.json) {
    const entries = sorted.map((problem) => ({
      ...problem,
      ...(problem.path === undefined && place !== undefined ? { place } : {}),
      docs: pageOf(problem.code, options.directory),
    }));
    const notes = options.notes?.length ? { notes: options.notes } : {};
    return `${JSON.stringify({ count: sorted.length, problems: entries, ...notes })}\n`;
  }
  const parts = sorted.map((problem) => problemText(problem, { ...options, place }));
  const count = sorted.length === 1 ? '1 problem' : `${sorted.length} problems`;
  const end = [`${count}.`, ...(options.notes ?? [])];
  return `${[...parts, ...end.map((line) => wrapped(line, options.width, ''))].join('\n\n')}\n`;
}

/**
 * Returns the path of the page that documents a code, relative to a directory. The package contains the pages.
 *
 * @jsii ignore
 */
export function pageOf(code: string, directory: string): string {
  const room = /^FORGE-([A-Z]+)-/.exec(code)?.[1] ?? '';
  const page = path.join('docs', 'errors', `${PAGES[room] ?? room.toLowerCase()}.md`);
  // The package's root is above `lib` in the repository, and above `build/lib` in the package.
  const root = [2, 3].map((up) => path.join(__dirname, ...Array<string>(up).fill('..')));
  const found = root.map((folder) => path.join(folder, page)).find((file) => fs.existsSync(file));
  return (found === undefined ? page : path.relative(directory, found)).split(path.sep).join('/');
}

function problemText(problem: Problem, { width, directory, place }: ReportOptions & { place?: string }): string {
  const at = problem.path ? ` at ${problem.path}` : place ? ` in ${place}` : '';
  const lines = [
    problem.message,
    ...(problem.allowed ? [`allowed: ${problem.allowed}`] : []),
    `fix: ${problem.fix}`,
    ...(problem.symptom ? [`at run time this is: ${problem.symptom}`] : []),
    `see: ${pageOf(problem.code, directory)}`,
  ];
  return [`${problem.code}${at}`, ...lines.map((line) => wrapped(line, width, '  '))].join('\n');
}

/** Returns the place in the cdk8s app that the stack names, for example `main.ts:25:7`. */
function placeIn({ stack = '', directory }: ReportOptions): string | undefined {
  const frame = /^\s+at (?:.*\()?(?:file:\/\/)?(\/[^()]*|[A-Za-z]:[^()]*):(\d+):\d+\)?$/m.exec(stack);
  return frame ? `${path.relative(directory, frame[1])}:${frame[2]}` : undefined;
}

/** Wraps a line at a width. Continuation lines are indented further; a longer word stays whole. */
function wrapped(line: string, width: number, indent: string): string {
  const lines: string[] = [];
  let current = indent;
  let isEmpty = true;
  for (const word of line.split(' ')) {
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
