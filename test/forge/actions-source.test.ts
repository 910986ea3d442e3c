import { Chart, Testing } from 'cdk8s';
import { ActionsSource, Forge, RunsOn, ServerSettings } from '../../lib/forge';
import { Action, Step, Trigger, Workflow } from '../../lib/workflow';
import { codesOf } from '../support/problems';

const gitea = (actionsSource?: ActionsSource) =>
  Forge.gitea({ version: '1.26', url: 'https://git.example.com', actionsSource });
const forgejo = (actionsSource?: ActionsSource) =>
  Forge.forgejo({ version: '13.0', url: 'https://code.example.com', actionsSource });

/** What a workflow with a checkout must reach outside. */
function reached(forge: Forge): string[] {
  const workflow = new Workflow(new Chart(Testing.app(), 'c'), 'build', {
    repository: forge.repository('platform/hello'),
    triggers: [Trigger.push({ branches: ['main'] })],
  });
  workflow.addJob('build', {
    runsOn: RunsOn.existing('ubuntu-latest'),
    steps: [Step.uses({ name: 'Check out', action: Action.repository('actions', 'checkout', { ref: 'v4' }) })],
  });
  return workflow.reaches;
}

test.each([
  ['Gitea by itself', gitea(), 'https://github.com/actions/checkout'],
  ['Gitea told so', gitea(ActionsSource.github()), 'https://github.com/actions/checkout'],
  ['Gitea with mirrors of its own', gitea(ActionsSource.self()), 'https://git.example.com/actions/checkout'],
  ['Forgejo by itself', forgejo(), 'https://data.forgejo.org/actions/checkout'],
  ['Forgejo with mirrors of its own', forgejo(ActionsSource.self()), 'https://code.example.com/actions/checkout'],
  [
    'Forgejo with another server',
    forgejo(ActionsSource.url('https://actions.example.com/mirror/')),
    'https://actions.example.com/mirror/actions/checkout',
  ],
])('an action without a host is fetched where the forge says: %s', (_, forge, place) => {
  expect(reached(forge)).toEqual([place]);
});

test("the server's settings say it, in the server's own words, and only if the program does", () => {
  const setting = (forge: Forge) => new ServerSettings(forge).environment;
  expect(setting(gitea())).not.toHaveProperty('GITEA__actions__DEFAULT_ACTIONS_URL');
  expect(setting(gitea(ActionsSource.self()))).toHaveProperty('GITEA__actions__DEFAULT_ACTIONS_URL', 'self');
  expect(setting(gitea(ActionsSource.github()))).toHaveProperty('GITEA__actions__DEFAULT_ACTIONS_URL', 'github');
  expect(
    Object.entries(setting(forgejo(ActionsSource.self()))).find(([key]) => key.endsWith('DEFAULT_ACTIONS_URL'))?.[1],
  ).toBe('https://code.example.com');
});

test('fails for an address on Gitea, which would read it as GitHub', () => {
  expect(codesOf(() => gitea(ActionsSource.url('https://actions.example.com')))).toEqual(['FORGE-FRG-004']);
  expect(() => [gitea(ActionsSource.self()), forgejo(ActionsSource.url('https://actions.example.com'))]).not.toThrow();
});

test.each([
  'actions.example.com',
  'ftp://x.example.com',
  'https://user:secret@x.example.com',
  'https://x.example.com/?a',
  '',
  'https://x example.com',
])('fails for the place %p', (url) => {
  expect(codesOf(() => ActionsSource.url(url))).toEqual(['FORGE-FRG-011']);
  const good = ['https://actions.example.com', 'http://x:3000', 'https://x.example.com/mirror'];
  expect(() => good.map((each) => ActionsSource.url(each))).not.toThrow();
});
