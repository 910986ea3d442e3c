import * as path from 'node:path';
import { GitOpsApp } from '../../lib/app';
import { Forge, RunsOn } from '../../lib/forge';
import { RootFile } from '../../lib/output';
import { Step, Trigger, Workflow } from '../../lib/workflow';
import { foundCodes } from '../support/problems';
import { readTree, temporaryFolder } from '../support/workspace';

const repository = Forge.gitea({ version: '1.26', url: 'https://git.example.com' }).repository('platform/gitops');

/** The codes of synth for a workflow in `.gitea/workflows/ci.yml` of this repository, beside other files of its root. */
function codes(...paths: string[]): string[] {
  const folder = temporaryFolder();
  const app = new GitOpsApp({ outdir: path.join(folder, 'dist'), imageLock: path.join(folder, 'images.yaml') });
  const workflow = new Workflow(app, 'ci', { repository, inThisRepository: true, triggers: [Trigger.dispatch()] });
  workflow.addJob('a', { runsOn: RunsOn.existing('linux'), steps: [Step.run({ name: 'A', script: 'true' })] });
  paths.forEach((file, i) => new RootFile(app, `file-${i}`, { path: file, content: 'a: 1\n' }));
  const found = foundCodes(() => app.synth());
  expect(Object.keys(readTree(folder)).length > 0).toBe(found.length === 0);
  return found;
}

test.each([
  ['the file of a workflow', ['.gitea/workflows/ci.yml']],
  ['the file of a workflow in another case', ['.gitea/workflows/CI.yml']],
  ['a file below the file of a workflow', ['.gitea/workflows/ci.yml/x']],
  ['one file twice', ['a.yml', 'a.yml']],
  ['the image lock', ['images.yaml']],
  ['a file of the output directory', ['dist/a.yml']],
])('no two constructs write %s', (_, paths) => {
  expect(codes(...paths)).toEqual(['FORGE-OUT-002']);
  expect(codes('.gitea/workflows/ci.yaml', 'a.yml', 'b/a.yml', 'images.yml', 'dist.yml')).toEqual([]);
});

test('files with paths of their own are written', () => {
  const folder = temporaryFolder();
  const app = new GitOpsApp({ outdir: path.join(folder, 'dist'), imageLock: path.join(folder, 'images.yaml') });
  ['a.yml', 'distribution/a.yml'].forEach(
    (file) => new RootFile(app, file.replace(/\W/g, '-'), { path: file, content: 'a: 1\n' }),
  );
  app.synth();
  expect(Object.keys(readTree(folder))).toEqual(['a.yml', 'distribution/a.yml']);
});
