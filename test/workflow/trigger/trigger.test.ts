import { RunsOn } from '../../../lib/forge';
import { Access, ReusableWorkflow, Trigger, WorkflowEvent } from '../../../lib/workflow';
import { codesOf } from '../../support/problems';
import { FORGEJO, GITEA, GITHUB, newWorkflow, rendered, textOf } from '../render';

describe('words that the library does not know', () => {
  test('a custom trigger is written as given, on every forge', () => {
    for (const forge of [GITEA, FORGEJO, GITHUB]) {
      const text = rendered(
        {},
        {
          repository: forge.repository('a/b'),
          triggers: [Trigger.custom('sub_issues', { types: ['sub_issue_added'] })],
        },
      );
      expect(text).toContain('on:\n  sub_issues:\n    types:\n      - sub_issue_added\n');
    }
  });

  test.each(['push', 'schedule', 'issues', 'workflow_call', 'Sub-issues', '', 'a b'])(
    '%j is no custom trigger',
    (name) => {
      expect(codesOf(() => Trigger.custom(name))).toEqual(['FORGE-WF-024']);
    },
  );

  test('an unknown activity needs a reason, which stands in the file', () => {
    const trigger = Trigger.event(WorkflowEvent.ISSUES, { types: ['frozen'], allowUnknownTypes: 'new since 2025' });
    const text = rendered({}, { repository: GITHUB.repository('a/b'), triggers: [trigger] });
    expect(text).toContain('# unknown types of issues are thought valid: new since 2025\n');
    expect(text).toContain('  issues:\n    types:\n      - frozen\n');
    expect(codesOf(() => Trigger.event(WorkflowEvent.ISSUES, { types: ['frozen'] }))).toEqual(['FORGE-WF-027']);
    expect(codesOf(() => Trigger.event(WorkflowEvent.ISSUES, { types: ['frozen'], allowUnknownTypes: ' ' }))).toEqual([
      'FORGE-WF-029',
    ]);
  });

  test('a permission that the library does not know is written as given', () => {
    const text = rendered({ permissions: { contents: Access.READ, other: { 'new-scope': Access.WRITE } } });
    expect(text).toContain('    permissions:\n      contents: read\n      new-scope: write\n');
    expect(codesOf(() => rendered({ permissions: { pages: Access.READ } }))).toEqual(['FORGE-WF-045']);
  });
});

test.each(['GITHUB_COM_TOKEN', 'RUNNER_TOOL_CACHE', 'CI', 'GITEA_ADMIN_TOKEN', 'GITHUB_TOKEN'])(
  '%s may be set',
  (name) => {
    expect(rendered({ env: { [name]: 'x' } })).toContain(`${name}: x\n`);
  },
);

describe('workflows that are called', () => {
  const remote = (repository: string) =>
    ReusableWorkflow.remote({ repository, path: '.gitea/workflows/x.yml', ref: 'v1', inputs: ['password'] });
  const call = (forge: typeof GITEA, repository: string, value: string) => {
    const workflow = newWorkflow({ repository: forge.repository('a/b') });
    const runsOn = forge === FORGEJO ? RunsOn.existing('docker') : undefined;
    workflow.addCall('x', { workflow: remote(repository), with: { password: value }, runsOn });
    return textOf(workflow);
  };

  test('an absolute URL is known to Gitea and Forgejo', () => {
    for (const forge of [GITEA, FORGEJO]) {
      expect(call(forge, 'https://gitea.com/platform/ci', 'x')).toContain(
        'uses: https://gitea.com/platform/ci/.gitea/workflows/x.yml@v1\n',
      );
    }
    expect(codesOf(() => call(GITHUB, 'https://gitea.com/platform/ci', 'x'))).toEqual(['FORGE-WF-039']);
    expect(call(GITHUB, 'platform/ci', 'x')).toContain('uses: platform/ci/');
    expect(codesOf(() => remote('ftp://gitea.com/platform/ci'))).toEqual(['FORGE-WF-039']);
    expect(codesOf(() => remote('https://me:pw@gitea.com/platform/ci'))).toEqual(['FORGE-WF-039']);
  });

  test('a secret in `with` is resolved by Gitea and Forgejo', () => {
    for (const forge of [GITEA, FORGEJO]) {
      expect(call(forge, 'platform/ci', '${{ secrets.A }}')).toContain('password: ${{ secrets.A }}\n');
    }
    expect(codesOf(() => call(GITHUB, 'platform/ci', '${{ secrets.A }}'))).toEqual(['FORGE-WF-012']);
  });
});
