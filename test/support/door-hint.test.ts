import { Chart } from 'cdk8s';
import { GitOpsApp } from '../../lib/app';
import { Forge, RunsOn } from '../../lib/forge';
import { GitOpsWorkflow, Tags } from '../../lib/pipeline';
import { ForgeError } from '../../lib/support';
import { temporaryFolder } from '../support/workspace';

const repository = Forge.github().repository('example/gitops');

/** The fixes of the problems of a call. */
function fixes(call: () => unknown): string[] {
  return ForgeError.problemsIn(call).map(({ fix }) => fix);
}

function workflow(props: object) {
  const app = new GitOpsApp({ outdir: `${temporaryFolder()}/dist` });
  const all = { repository, branch: 'main', runsOn: RunsOn.existing('ubuntu-latest'), ...props };
  return () => new GitOpsWorkflow(new Chart(app, 'ci'), 'synth', all);
}

test('the fix names the properties of an object, and which of them are optional', () => {
  expect(fixes(workflow({ diffComment: true }))).toEqual([
    'set props.diffComment to an object with the properties of DiffComment: command?',
  ]);
  expect(fixes(workflow({ diffComment: {} }))).toEqual([]);
});

test('the fix names calls that create a value, and none that asks about one', () => {
  const [fix] = fixes(() => Tags.semver('1.x' as never));
  expect(fix).toMatch(
    /^set versioning to a value of the type Versioning, for example from Versioning\.fromCommits\(…\), /,
  );
  expect(fixes(workflow({ runsOn: 'ubuntu-latest' }))).toEqual([
    'set props.runsOn to a value of the type IRunsOn, for example from RunsOn.existing(…)',
  ]);
});

test('a type without such calls is named alone', () => {
  expect(fixes(() => new GitOpsWorkflow('x' as never, 'synth', {} as never))[0]).toMatch(/to a value of the type \w+$/);
});
