import { fencedBlocks } from './snippets';
import { workflowsOf } from './pipeline-page';

const BLOCKS = fencedBlocks('docs/pipeline.md');
const PROGRAMS = BLOCKS.map((block, i) => ({ program: block, file: BLOCKS[i + 1] })).filter(
  ({ program, file }) => program.language === 'ts' && file?.language === 'yaml',
);

test('the page has programs with their workflows', () => {
  expect(PROGRAMS.length).toBeGreaterThanOrEqual(6);
});

test.each(PROGRAMS.map(({ program, file }) => [program.origin, program.code, file.code]))(
  'the program at %s makes the workflow beside it',
  (_, program, file) => {
    expect(workflowsOf(program).map((text) => text.trimEnd())).toContain(file);
  },
);
