import * as fs from 'node:fs';
import * as path from 'node:path';
import { fencedBlocks, filesBelow, ROOT } from './snippets';

// docs/systems.md quotes the program of each system, and the README of each system says where each requirement is served.

/** Numbers of the requirements of each system's document. */
const REQUIREMENTS: Record<string, readonly number[]> = {
  '0-host-dind': [...from(1, 33), 133],
  '1-gitea-pipeline': [17, ...from(34, 86), ...from(134, 137)],
  '2-buildkit-flux': [47, ...from(87, 110), ...from(138, 140)],
  '3-github-ghcr': [41, 70, ...from(111, 118), ...from(141, 143)],
  '4-local-registry': [3, 13, 17, 84, 85, ...from(119, 132), ...from(144, 146)],
};
const SYSTEMS = Object.keys(REQUIREMENTS);
const SOURCES = filesBelow('lib', '.ts').map((file) => read(file));

function from(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

function read(file: string): string {
  return fs.readFileSync(path.join(ROOT, file), 'utf8');
}

/** The rows of a README's table of requirements. */
function rowsOf(system: string) {
  const rows = [...read(`examples/${system}/README.md`).matchAll(/^\| (\d+) \| ([^|]*) \| ([^|]*) \| ([^|]*) \|$/gm)];
  return rows.map(([, number, , served, where]) => ({ number: Number(number), served, where }));
}

test('every folder of a system is one that has requirements', () => {
  expect(fs.readdirSync(path.join(ROOT, 'examples')).filter((name) => name !== 'parts')).toEqual(SYSTEMS);
});

test.each(SYSTEMS)('the table of %s has every requirement of its document, and all are served', (system) => {
  expect(rowsOf(system).map(({ number }) => number)).toEqual(REQUIREMENTS[system]);
  expect(rowsOf(system).filter(({ served }) => served !== 'Y')).toEqual([]);
});

test.each(SYSTEMS)('what the table of %s names exists: files, chapters, classes, members, codes', (system) => {
  const missing = rowsOf(system).flatMap(({ number, where }) => [
    ...[...where.matchAll(/\]\(([^)#]+)(?:#([^)]*))?\)/g)]
      .filter(([, file, chapter]) => !hasChapter(path.join('examples', system, file), chapter))
      .map(([link]) => `${number}: ${link}`),
    ...[...where.matchAll(/`([A-Z][a-z]\w*)(?:\.(\w+))?`/g)]
      .filter(([, name, member]) => !isPublic(name, member))
      .map(([name]) => `${number}: ${name}`),
    ...[...where.matchAll(/FORGE-([A-Z]+)-\d+/g)]
      .filter(([code]) => !filesBelow('docs/errors', '.md').some((file) => read(file).includes(`| ${code} |`)))
      .map(([code]) => `${number}: ${code}`),
  ]);
  expect(missing).toEqual([]);
});

/** Returns whether a file exists, and has a heading with an anchor. */
function hasChapter(file: string, anchor?: string): boolean {
  if (!fs.existsSync(path.join(ROOT, file))) {
    return false;
  }
  const anchors = () =>
    [...read(file).matchAll(/^#+ (.*)$/gm)].map(([, title]) =>
      title
        .toLowerCase()
        .replace(/[^\w\- ]/g, '')
        .replace(/ /g, '-'),
    );
  return anchor === undefined || anchors().includes(anchor);
}

/** Returns whether the API has a name, and a member of this name. */
function isPublic(name: string, member = ''): boolean {
  const exported = new RegExp(`^export (?:abstract )?(?:class|interface|enum) ${name}\\b`, 'm');
  return SOURCES.some((text) => exported.test(text) && new RegExp(`\\b${member}\\b`).test(text));
}

test.each(SYSTEMS)('the README of %s ends with the claims of its document', (system) => {
  const chapters = [...read(`examples/${system}/README.md`).matchAll(/^## (.*)$/gm)].map(([, title]) => title);
  expect(chapters.at(-1)).toBe('What the document claimed and what is true');
});

test.each(SYSTEMS)('docs/systems.md quotes the program of %s, which has less than 80 lines', (system) => {
  const file = fs.existsSync(path.join(ROOT, 'examples', system, 'main.ts')) ? `examples/${system}/main.ts` : 'main.ts';
  const program = read(file).trimEnd();
  expect(program.split('\n').length).toBeLessThan(80);
  const quoted = fencedBlocks('docs/systems.md').map(({ code }) => code);
  expect(quoted).toContain(program.replace(/'(?:\.\.\/)*(?:\.\/)?lib\//g, "'cdk8s-forge/"));
});
