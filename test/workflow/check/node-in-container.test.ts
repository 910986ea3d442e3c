import { App } from 'cdk8s';
import { Forge, RunsOn } from '../../../lib/forge';
import { Actions, JobContainer, Step, Workflow } from '../../../lib/workflow';

const GITEA = Forge.gitea({ version: '1.26', url: 'https://git.example.com' });
const FORGEJO = Forge.forgejo({ version: '15.0', url: 'https://git.example.com' });

/** The warnings about Node.js of a job that checks out in a container. */
function warnings(forge: Forge, image: string, ...before: Step[]): string[] {
  const workflow = new Workflow(new App(), 'test', { repository: forge.repository('team/app') });
  workflow.addJob('unit', {
    runsOn: RunsOn.existing('docker'),
    container: JobContainer.of(image),
    steps: [...before, Actions.checkout({ name: 'Check out' }), Step.run({ name: 'Test', script: 'make test' })],
  });
  return workflow.warnings.filter((text) => text.includes('has no Node.js'));
}

test.each(['golang:1.23-bookworm', 'rust:1.83', 'docker.io/library/python:3.13.1-slim', 'debian:bookworm-slim'])(
  'an action in JavaScript does not run in %s at Gitea and Forgejo, but at GitHub',
  (image) => {
    const expected = `is written in JavaScript, and image ${image} has no Node.js: check out with Checkout.git()`;
    expect(warnings(GITEA, image)).toEqual([expect.stringContaining(expected)]);
    expect(warnings(FORGEJO, image)).toHaveLength(1);
    expect(warnings(Forge.github(), image)).toEqual([]);
  },
);

test.each(['node:22-bookworm', 'ghcr.io/catthehacker/ubuntu:act-latest', 'git.example.com/team/golang:1.23'])(
  'an image that can have Node.js is no warning: %s',
  (image) => {
    expect(warnings(GITEA, image)).toEqual([]);
  },
);

test('a step that installs Node.js, or an action that is none in JavaScript, is no warning', () => {
  const install = Step.run({ name: 'Install', script: 'apt-get update && apt-get install --yes nodejs' });
  expect(warnings(GITEA, 'golang:1.23', install)).toEqual([]);
});
