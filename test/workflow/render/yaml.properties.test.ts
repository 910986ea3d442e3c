import fc from 'fast-check';
import { parse, parseDocument } from 'yaml';
import { RunsOn } from '../../../lib/forge';
import { Step } from '../../../lib/workflow';
import { workflowFile } from '../../../lib/workflow/render/yaml';
import { ForgeError } from '../../../lib/support';
import { HOSTILE_STRINGS, hostileString } from '../../output/hostile';
import { newWorkflow, textOf } from '../render';

const STYLE = { header: ['Generated.'], rewritten: false };

/** What a text is after the one change that is allowed: CRLF becomes LF. */
const expected = (text: string) => text.replace(/\r\n/g, '\n');

/** The file, unless the text is refused, in which case there is none. */
function fileOf(content: Record<string, unknown>, rewritten = false): string | undefined {
  try {
    return workflowFile(content, { ...STYLE, rewritten });
  } catch (e) {
    if (e instanceof ForgeError && e.code === 'FORGE-WF-036') {
      return undefined;
    }
    throw e;
  }
}

function readers(text: string): unknown[] {
  return [parse(text, { version: '1.2' }), parse(text, { version: '1.1' })];
}

const NUMBER_PARTS = [
  '0',
  '1',
  '7',
  '9',
  '.',
  '-',
  '+',
  '_',
  'e',
  'E',
  'x',
  'o',
  'b',
  'X',
  ':',
  'T',
  'Z',
  ' ',
  'inf',
  'nan',
  '~',
  '2024',
  '-01',
];

/** Small, fast and the same on every machine. */
function* hostileScalars(count: number): Generator<string> {
  let state = 42;
  const next = (below: number) => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return state % below;
  };
  const alphabet = [
    ...'ab01yn-:#?!&*|>%@`\'"[]{},.=~<_+/\\$ \t\n',
    ' ',
    '\n',
    ': ',
    ' #',
    '- ',
    '\n- ',
    'é',
    '日',
    '😀',
    'on',
    'null',
  ];
  for (let i = 0; i < count; i++) {
    const parts = i % 3 === 0 ? NUMBER_PARTS : alphabet;
    yield Array.from({ length: 1 + next(8) }, () => parts[next(parts.length)]).join('');
  }
}

test('100,000 hostile scalars mean the same to readers of YAML 1.1 and 1.2', () => {
  const all = [...HOSTILE_STRINGS.filter((value) => fileOf({ value }) !== undefined), ...hostileScalars(100_000)];
  let written = 0;
  for (let i = 0; i < all.length; i += 500) {
    const values = all.slice(i, i + 500);
    const text = fileOf({ values })!;
    for (const data of readers(text)) {
      expect(data).toEqual({ values: values.map(expected) });
    }
    written += values.length;
  }
  expect(written).toBeGreaterThan(100_000);
});

test('maps with any keys and values keep them', () => {
  const key = hostileString.filter((name) => !/[\n\r]/.test(name) && !/^\d+$/.test(name));
  fc.assert(
    fc.property(fc.dictionary(key, hostileString, { maxKeys: 6, noNullPrototype: true }), (env) => {
      const text = fileOf({ env });
      if (text === undefined) {
        return;
      }
      const wanted = { env: Object.fromEntries(Object.entries(env).map(([name, value]) => [name, expected(value)])) };
      readers(text).forEach((data) => expect(data).toEqual(wanted));
    }),
    { numRuns: 500 },
  );
});

test('text that an older Gitea loses is refused where jobs are written anew', () => {
  for (const text of ['\na', '  a\nb', '\ta\nb', '\n']) {
    expect(fileOf({ run: text }, true)).toBeUndefined();
    expect(readers(fileOf({ run: text })!)).toEqual([{ run: text }, { run: text }]);
  }
});

const name = fc.stringMatching(/^[A-Za-z][A-Za-z0-9 _-]{0,12}[A-Za-z0-9]$/);
const script = fc
  .array(
    fc.constantFrom(
      'make',
      '',
      '  indented',
      'echo "it\'s: #1"',
      '# comment',
      'a: b',
      '- c',
      '\ttab',
      'x  ',
      '|',
      "cat <<'E'",
      'yes',
      '1.10',
    ),
    { minLength: 0, maxLength: 6 },
  )
  .map((lines) => ['set -eu', ...lines].join('\n'));
const text = hostileString.filter((value) => !value.includes('${{') && fileOf({ value }, true) !== undefined);
const env = fc.dictionary(
  fc.stringMatching(/^[A-Z][A-Z_]{1,8}$/).filter((key) => !/^(CI$|GITHUB_|RUNNER_|GITEA_|FORGEJO_)/.test(key)),
  text,
  { maxKeys: 4, noNullPrototype: true },
);
const step = fc.record({
  name,
  script,
  env,
  outputs: fc.uniqueArray(fc.constantFrom('a', 'b_1', 'c-d'), { maxLength: 2 }),
});
const job = fc.record({
  steps: fc.array(step, { minLength: 1, maxLength: 4 }),
  env,
  uses: fc.array(fc.nat(5), { maxLength: 3 }),
});

test('random workflows render, are read back as they were meant, and render the same again', () => {
  fc.assert(
    fc.property(fc.array(job, { minLength: 1, maxLength: 5 }), (model) => {
      const workflow = newWorkflow();
      const jobs = model.map((data, i) => {
        const steps = data.steps.map((props) => Step.run(props));
        const made = workflow.addJob(`job-${i}`, {
          runsOn: RunsOn.existing('runner'),
          env: data.env,
          steps,
          outputs: { first: 'plain' },
        });
        return made;
      });
      model.forEach((data, i) =>
        data.uses
          .filter((other) => other < i)
          .forEach((other, n) => {
            jobs[i].addStep(Step.run({ name: `Use ${n}`, script: 'true', env: { X: jobs[other].output('first') } }));
          }),
      );
      const rendered = textOf(workflow);
      expect(textOf(workflow)).toBe(rendered);
      expect(parseDocument(rendered).errors).toEqual([]);
      const [read, old] = readers(rendered) as {
        jobs: Record<
          string,
          { needs?: string[]; env?: object; steps: { id?: string; name: string; env?: object; run: string }[] }
        >;
      }[];
      expect(JSON.stringify(old.jobs)).toBe(JSON.stringify(read.jobs));
      model.forEach((data, i) => {
        const { needs = [], env: jobEnv = {}, steps } = read.jobs[`job-${i}`];
        expect(needs).toEqual(
          [...new Set(data.uses.filter((other) => other < i))].sort().map((other) => `job-${other}`),
        );
        expect(jobEnv).toEqual(
          Object.fromEntries(Object.entries(data.env).map(([key, value]) => [key, expected(value)])),
        );
        data.steps.forEach((props, n) => {
          expect(steps[n].name).toBe(props.name);
          expect(steps[n].env ?? {}).toEqual(
            Object.fromEntries(Object.entries(props.env).map(([key, value]) => [key, expected(value)])),
          );
          expect(steps[n].run).toMatch(/^set -eu\n/);
        });
        const ids = steps.map((s) => s.id).filter((id) => id !== undefined);
        expect(new Set(ids).size).toBe(ids.length);
      });
    }),
    { numRuns: 80 },
  );
});
