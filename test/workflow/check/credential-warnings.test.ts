import { GitOpsApp } from '../../../lib/app';
import { Forge, RunsOn } from '../../../lib/forge';
import { Checkout, Release, Synth, Versioning } from '../../../lib/recipe';
import {
  Action,
  Actions,
  Expression,
  IStepSource,
  JobContainer,
  JobProps,
  Step,
  Trigger,
  Workflow,
} from '../../../lib/workflow';

/** Made at run time, so that no scanner takes this file for a leak. */
const TOKEN = ['ghp', 'a'.repeat(36)].join('_');
const HEX = 'ab'.repeat(20);

function warningsOf(job: Partial<JobProps>, env?: Record<string, string>): string[] {
  const repository = Forge.gitea({ version: '1.26', url: 'https://git.example.com' }).repository('platform/hello');
  const workflow = new Workflow(new GitOpsApp(), 'build', {
    repository,
    triggers: [Trigger.dispatch()],
    ...(env ? { env } : {}),
  });
  workflow.addJob('build', { runsOn: RunsOn.existing('linux'), ...job });
  return workflow.warnings;
}

const of = (pattern: RegExp) => (warnings: string[]) => warnings.filter((text) => pattern.test(text));
const clear = of(/looks like a token in clear text/);
const published = of(/publishes the whole workspace/);
const late = of(/a job of its own/);
const run = (script = 'make', env: Record<string, string> = {}) => Step.run({ name: 'Run', script, env });
const at = (owner: string, name: string, ref: string, inputs: Record<string, string> = {}) =>
  Step.uses({ name, action: Action.repository(owner, name, { ref, sha: HEX }), with: inputs });

describe('a token in clear text is a warning, wherever it is', () => {
  test.each<[string, Partial<JobProps>]>([
    ['the environment of a job', { steps: [run()], env: { GH: TOKEN } }],
    ['the environment of a step', { steps: [run('make', { GH: TOKEN })] }],
    ['an input of an action', { steps: [at('actions', 'setup-node', 'v4.2.0', { token: TOKEN })] }],
    ['a script', { steps: [run(`curl -H "Authorization: Bearer ${TOKEN}" https://api.example.com`)] }],
    ['the URL in a script', { steps: [run(`git clone https://x:${TOKEN}@git.example.com/a/b`)] }],
    ['a container', { steps: [run()], container: JobContainer.of('node:22.22.2', { env: { GH: TOKEN } }) }],
    ['a service', { steps: [run()], services: { mock: JobContainer.of('mock:1.0', { env: { GH: TOKEN } }) } }],
    ['a token of Gitea', { steps: [run('make', { GITEA_KEY: HEX })] }],
  ])('%s', (_, job) => {
    const found = clear(warningsOf(job));
    expect(found).toHaveLength(1);
    expect(found[0]).not.toMatch(/ghp_|abab/);
  });

  test.each<[string, Partial<JobProps>]>([
    [
      'the password of a test database',
      {
        steps: [run()],
        services: {
          postgres: JobContainer.of('postgres:17.2', {
            env: { POSTGRES_PASSWORD: 'hunter2', POSTGRES_USER: 'postgres' },
          }),
        },
      },
    ],
    [
      'the URL of a test database',
      { steps: [run('make', { DATABASE_URL: 'postgres://postgres:postgres@postgres:5432/test' })] },
    ],
    ['a secret of the forge', { steps: [run('make', { GH: Expression.secret('GH_TOKEN') })] }],
    ['a commit', { steps: [run('make', { BASE_SHA: HEX })] }],
    ['a commit in an input', { steps: [at('actions', 'checkout', 'v4.2.2', { ref: HEX })] }],
    ['a script with a commit', { steps: [run(`git checkout ${HEX}`)] }],
  ])('but not %s', (_, job) => {
    expect(clear(warningsOf(job))).toEqual([]);
  });
});

describe('a checkout that leaves its token in a published workspace is a warning', () => {
  const keeping = at('actions', 'checkout', 'v4.2.2');
  const upload = (path: string, ref = 'v4.3.0', inputs: Record<string, string> = {}) =>
    at('actions', 'upload-artifact', ref, { path, ...inputs });

  test.each<[string, Step[]]>([
    ['the workspace', [keeping, upload('.')]],
    ['the workspace by its variable', [keeping, upload(Expression.WORKSPACE)]],
    ['everything', [keeping, upload('**/*')]],
    ['the directory .git', [keeping, upload('./.git/')]],
    ['one of several paths', [keeping, upload('dist\n./')]],
    ['hidden files on request', [keeping, upload('.', 'v4.6.2', { 'include-hidden-files': 'true' })]],
    ['an older version', [keeping, upload('.', 'v3.1.3')]],
    ['a cache', [keeping, at('actions', 'cache', 'v4.2.0', { path: '.', key: 'a' })]],
    [
      'a checkout that keeps it on purpose',
      [Actions.checkout({ name: 'Check out', persistCredentials: true }), upload('.')],
    ],
  ])('%s', (_, steps) => {
    expect(published(warningsOf({ steps }))).toHaveLength(1);
  });

  test.each<[string, IStepSource[]]>([
    ['a directory of it', [keeping, upload('dist')]],
    ['a version that leaves hidden files out', [keeping, upload('.', 'v4.4.0')]],
    ['a moving tag that leaves hidden files out', [keeping, upload('.', 'v4')]],
    ['without .git', [keeping, upload('.\n!.git/**')]],
    [
      'a checkout without the token',
      [at('actions', 'checkout', 'v4.2.2', { 'Persist-Credentials': 'False' }), upload('.')],
    ],
    ['a checkout that keeps the token elsewhere', [at('actions', 'checkout', 'v6.0.0'), upload('.')]],
    ['the checkout of this library', [Checkout.git(), upload('.')]],
    ['the wrapped action', [Actions.checkout({ name: 'Check out' }), upload('.')]],
    ['before the checkout', [upload('.'), keeping]],
  ])('but not %s', (_, steps) => {
    expect(published(warningsOf({ steps }))).toEqual([]);
  });
});

describe('a step that can write to the repository, after code of the repository, is a warning', () => {
  const tag = () => Release.tag({ tag: 'v1.0.0' });

  test.each<[string, IStepSource[]]>([
    ['a script', [Checkout.git(), run(), tag()]],
    ['a script after the action', [Actions.checkout({ name: 'Check out' }), run(), tag()]],
    [
      'an action of the repository',
      [Checkout.git(), Step.uses({ name: 'Local', action: Action.local('./.gitea/actions/build') }), tag()],
    ],
    ['a claim', [Checkout.git(), run(), Versioning.fromCommits().claim()]],
    ['the check for drift', [Checkout.git(), Synth.check(), tag()]],
  ])('%s', (_, steps) => {
    expect(late(warningsOf({ steps }))).toHaveLength(1);
  });

  test.each<[string, IStepSource[]]>([
    ['in a job of its own', [tag()]],
    ['before the code', [Versioning.fromCommits().claim(), Checkout.git(), run()]],
    ['after steps of this library', [Checkout.git({ fullHistory: true }), Versioning.fromCommits().compute(), tag()]],
    ['after a script without a checkout', [run('echo hello'), tag()]],
  ])('but not %s', (_, steps) => {
    expect(late(warningsOf({ steps }))).toEqual([]);
  });
});

describe('a checkout of the code of a pull request, in a run with secrets, is a warning', () => {
  const head = Expression.event('pull_request.head.sha');
  const warned = (trigger: Trigger, checkout: IStepSource) => {
    const repository = Forge.github().repository('example/app');
    const workflow = new Workflow(new GitOpsApp(), 'pr', { repository, triggers: [trigger] });
    workflow.addJob('build', { runsOn: RunsOn.existing('linux'), steps: [checkout] });
    return workflow.warnings.filter((text) => text.includes('the code of a pull request')).length;
  };
  const target = () => Trigger.pullRequestTarget({ types: ['opened'], acknowledgement: 'labels only' });

  test.each<[string, () => Trigger, IStepSource, number]>([
    ['the action, with the head', target, Actions.checkout({ name: 'Check out', ref: head }), 1],
    ['the action, with the base', target, Actions.checkout({ name: 'Check out' }), 0],
    [
      'the head in a run without secrets',
      () => Trigger.pullRequest(),
      Actions.checkout({ name: 'Check out', ref: head }),
      0,
    ],
    ['the checkout of this library, with the base', target, Checkout.git(), 0],
  ])('%s', (_, trigger, checkout, expected) => {
    expect(warned(trigger(), checkout)).toBe(expected);
  });
});
