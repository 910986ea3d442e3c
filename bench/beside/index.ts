import * as assert from 'node:assert';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { parseAllDocuments } from 'yaml';
import { program } from './programs';
import { Rival, RIVALS } from './rivals';
import { leastOf, ProcessTime, wholeProcess } from './whole-process';

const OBJECTS_PER_CHART = 6;
/** Charts whose objects are compared one by one. */
const COMPARED = 5;
const ROUNDS = 3;

type Add = (name: string, value: number, unit: string, goal?: { readonly atMost: number }) => void;

/** What writes the objects of charts into a directory. */
interface Subject {
  readonly name: string;
  /** The most charts that it gets. */
  readonly most: number;
  readonly command: (folder: string, count: number) => string[];
  /** Reads the objects back, as YAML. */
  readonly written: (folder: string) => string;
}

/**
 * Adds the figures of whole processes that write the same plain objects: this library, as JavaScript in a directory, and what people
 * would pick instead. What cannot be had is told on standard error, and has no figures.
 */
export function beside(compiled: string, charts: number, add: Add): void {
  const ours = (most: number): Subject => ({
    name: 'GitOpsApp',
    most,
    command: (folder, count) => [process.execPath, path.join(compiled, 'bench/beside/ours.js'), `${count}`, folder],
    written: (folder) => ofFiles(path.join(folder, 'dist')),
  });
  const rivals = RIVALS.flatMap((rival) => subjectOf(rival, charts));
  const wanted = objects(ours(charts));
  rivals.forEach((rival) => {
    assert.deepStrictEqual(objects(rival), wanted, `${rival.name} writes other objects than this library`);
  });
  const sizes = [...new Set([charts, ...rivals.map(({ most }) => most)])];
  const subjects = [...sizes.map(ours), ...rivals];
  // In turn: what else the machine does slows all of them.
  const rounds = Array.from({ length: ROUNDS }, () => subjects.map(measure));
  const times = subjects.map((_, i) => leastOf(rounds.map((round) => round[i])));
  subjects.forEach(({ name, most }, i) => {
    add(`${name}, whole process, ${most * OBJECTS_PER_CHART} objects: CPU time`, times[i].cpuSeconds, 's');
    add(`${name}, whole process, ${most * OBJECTS_PER_CHART} objects: time`, times[i].seconds, 's');
  });
  const helm = times[subjects.findIndex(({ name }) => name === 'helm')];
  if (helm) {
    add('whole process against helm template: CPU time', times[0].cpuSeconds / helm.cpuSeconds, 'x', { atMost: 1 });
    add('whole process against helm template: time', times[0].seconds / helm.seconds, 'x', { atMost: 1 });
  }
}

function subjectOf({ name, source, most = Infinity, prepare }: Rival, charts: number): Subject[] {
  const built = program(name, source);
  if ('reason' in built) {
    console.error(`not compared with ${name}: ${built.reason}`);
    return [];
  }
  return [
    {
      name,
      most: Math.min(most, charts),
      command: (folder, count) => [built.file, ...prepare(folder, count)],
      written: (folder) => fs.readFileSync(path.join(folder, 'output'), 'utf8'),
    },
  ];
}

/** Runs a subject for as many charts as it gets, and counts what it has written. */
function measure(subject: Subject): ProcessTime {
  return run(subject, subject.most, (time, folder) => {
    const kinds = subject.written(folder).match(/^ *"?kind"?: /gm)!.length;
    assert.strictEqual(kinds, subject.most * OBJECTS_PER_CHART, `${subject.name} has not written all objects`);
    return time;
  });
}

/** The objects that a subject writes for some charts, by kind and name. */
function objects(subject: Subject): Map<string, unknown> {
  return run(subject, COMPARED, (_, folder) => {
    const all = parseAllDocuments(subject.written(folder)).map((document) => document.toJS());
    assert.strictEqual(all.length, COMPARED * OBJECTS_PER_CHART);
    return new Map(all.map((object) => [`${object.kind} ${object.metadata.name}`, object]));
  });
}

/** Runs a subject in a directory of its own, in memory where there is such a place: the programs are compared, not the disk. */
function run<T>(subject: Subject, count: number, call: (time: ProcessTime, folder: string) => T): T {
  const temporary = fs.existsSync('/dev/shm') ? '/dev/shm' : os.tmpdir();
  const folder = fs.mkdtempSync(path.join(temporary, 'cdk8s-forge-bench-'));
  try {
    const command = subject.command(folder, count);
    return call(wholeProcess(command, path.join(folder, 'output')), folder);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

function ofFiles(folder: string): string {
  const files = fs.readdirSync(folder).filter((name) => name.endsWith('.yaml'));
  return files.map((name) => fs.readFileSync(path.join(folder, name), 'utf8')).join('---\n');
}
