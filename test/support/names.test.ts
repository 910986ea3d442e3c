import { ApiObject, App, Chart } from 'cdk8s';
import { Construct } from 'constructs';
import { dedent, fingerprint, ForgeError, namespaceOf, objectName, oneLine, Problems, quoted } from '../../lib/support';
import { accepts, codesOf } from './problems';

describe('object names', () => {
  const chart = new Chart(new App(), 'chart', { namespace: 'ns' });

  test('are the ids below the chart', () => {
    expect(objectName(new Construct(new Construct(chart, 'outer'), 'Inner'), 'suffix')).toBe('outer-inner-suffix');
  });

  test("leave out the ids that cdk8s gives a construct's own object", () => {
    expect(
      objectName(
        new ApiObject(new Construct(chart, 'thing'), 'Resource', {
          apiVersion: 'v1',
          kind: 'X',
          metadata: { name: 'x' },
        }),
      ),
    ).toBe('thing');
  });

  test.each(['under_score', 'ünicode', '-dash', 'a'.repeat(64)])('fail for %p', (id) => {
    expect(codesOf(() => objectName(new Construct(chart, id)))).toEqual(['FORGE-NAME-001']);
    expect(() => objectName(new Construct(chart, `good-dash-${id.length}`))).not.toThrow();
  });

  test('fail in a chart without a namespace, where one is needed', () => {
    expect(namespaceOf(new Construct(chart, 'x'))).toBe('ns');
    expect(codesOf(() => namespaceOf(new Construct(new App(), 'x')))).toEqual(['FORGE-NAME-003']);
    expect(codesOf(() => namespaceOf(new Construct(new Chart(new App(), 'bare'), 'x')))).toEqual(['FORGE-NAME-002']);
  });
});

describe('errors', () => {
  const problem = { code: 'FORGE-ABC-001', message: 'm', allowed: 'a', fix: 'f', symptom: 's', path: 'p' };

  test('say code, place, problem, what is allowed, the fix and the symptom', () => {
    expect(new ForgeError([problem]).message).toBe(
      'FORGE-ABC-001 at p\n  m\n  allowed: a\n  fix: f\n  at run time this is: s',
    );
    expect(oneLine(problem)).toBe('FORGE-ABC-001: m; fix: f');
  });

  test('hold all problems, counted', () => {
    const problems = new Problems('here');
    accepts(() => problems.throwIfAny());
    problems.add({ code: 'FORGE-ABC-001', message: 'one', fix: 'f' });
    problems.collect(() => {
      throw ForgeError.of({ code: 'FORGE-ABC-002', message: 'two', fix: 'f' });
    });
    expect(() => problems.throwIfAny()).toThrow(
      '2 problems\n\nFORGE-ABC-001 at here\n  one\n  fix: f\n\nFORGE-ABC-002 at here\n  two\n  fix: f',
    );
  });

  test('point at the line of the program, not into the library, and are not printed twice', () => {
    const error = ForgeError.of(problem);
    expect(error.stack).toContain('names.test.ts');
    expect(error.stack).not.toMatch(/forge-error|node:internal|node_modules/);
    expect(Object.keys(error)).not.toEqual(expect.arrayContaining(['problems']));
  });

  test('of another kind pass through', () => {
    expect(() =>
      new Problems().collect(() => {
        throw new TypeError('x');
      }),
    ).toThrow(TypeError);
  });
});

describe('text', () => {
  test('dedent removes what all lines share, blank lines around, and white space at the ends', () => {
    expect(dedent('\n\n    a\r\n      b  \n\n    c\n\n')).toBe('a\n  b\n\nc\n');
    expect(dedent('')).toBe('\n');
  });

  test('quoted shows control characters and cuts what is long', () => {
    expect(quoted('a\nb')).toBe('"a\\nb"');
    expect(quoted('x'.repeat(500))).toContain('(502 characters)');
  });

  test('a fingerprint tells where one text ends and the next begins', () => {
    expect(fingerprint('ab', 'c')).not.toBe(fingerprint('a', 'bc'));
    expect(fingerprint('a')).toBe(fingerprint('a'));
  });
});
