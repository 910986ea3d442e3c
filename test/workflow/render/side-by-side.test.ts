import { transformSync } from 'esbuild';
import { Workflow } from '../../../lib/workflow';
import * as forge from '../../../lib/forge';
import * as workflowRoom from '../../../lib/workflow';
import { fencedBlocks } from '../../docs/snippets';
import { officialErrors } from '../official';
import { textOf } from '../render';

const [program, file] = fencedBlocks('docs/workflow.md').filter(
  ({ language }) => language === 'ts' || language === 'yaml',
);

test('the program in the documentation makes the file beside it, and is shorter', async () => {
  const { code } = transformSync(`${program.code}\nexport { release };`, { loader: 'ts', format: 'cjs' });
  const modules: Record<string, unknown> = {
    cdk8s: jest.requireActual('cdk8s'),
    'cdk8s-forge/forge': forge,
    'cdk8s-forge/workflow': workflowRoom,
  };
  const module = { exports: {} as { release: Workflow } };
  new Function('require', 'module', 'exports', code)((name: string) => modules[name], module, module.exports);
  const text = textOf(module.exports.release).split('\n').slice(2).join('\n');
  expect(text).toBe(`${file.code}\n`);
  expect(await officialErrors('release.yml', text)).toEqual([]);
  expect(program.code.split('\n').length).toBeLessThan(file.code.split('\n').length);
});
