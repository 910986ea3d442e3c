/**
 * Writes what conformance/live puts on its stage:
 *
 *   node --import tsx scripts/conformance-live.ts <outdir>
 *
 * <outdir>/gitops is the repository that Flux follows: this one's main.ts, with a runner for the repository itself and its
 * `GitOpsWorkflow`, and the output of that program. <outdir>/app.ini is the fragment of the server's settings for main.ts's forge,
 * <outdir>/probe a repository with a workflow that shows what reaches it, and <outdir>/retention the platform with two CronJobs.
 */
import { execFileSync } from 'child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'fs';
import { join } from 'path';

const root = join(__dirname, '..');
const FILES = [
  'package-lock.json',
  'cdk8s.yaml',
  'tsconfig.json',
  '.npmrc',
  '.gitignore',
  'lib',
  'imports',
  'images.yaml',
];

/**
 * A repository whose workflow hands on values that a person typed: through the environment, an output, another job, a matrix. What each
 * job got is in its log, in base64.
 */
const PROBE = `
const probe = gitea.repository('platform/probe');
const typed = Input.text('typed');
const workflow = new Workflow(app, 'probe', { repository: probe, runName: 'probe', triggers: [Trigger.dispatch({ inputs: [typed] }), Trigger.push({ tags: ['v*'] })] });
const hand = Step.run({
  name: 'Hand on',
  script: 'end=$RANDOM$RANDOM$RANDOM\\nprintf "value<<%s\\\\n%s\\\\n%s\\\\n" "$end" "$TYPED" "$end" >> "$GITHUB_OUTPUT"',
  env: { TYPED: typed.value },
  outputs: ['value'],
});
const first = workflow.addJob('first', { runsOn: runner, steps: [hand], outputs: { value: hand.output('value') } });
const matrix = Matrix.of({ letter: ['a', 'b'] });
workflow.addJob('second', {
  runsOn: runner,
  matrix,
  steps: [Step.run({ name: 'Show', script: 'printf "got %s %s\\\\n" "$LETTER" "$(printf %s "$VALUE" | base64 -w 0)"', env: { VALUE: first.output('value'), LETTER: matrix.value('letter') } })],
});
workflow.addJob('token', {
  runsOn: runner,
  steps: [Step.run({ name: 'Ask the registry', script: 'curl --silent --output /dev/null --write-out "the registry answers the job token %{http_code}\\\\n" --user "x:$TOKEN" "$GITHUB_SERVER_URL/v2/token"', env: { TOKEN: Expression.JOB_TOKEN } })],
});
`;

/** Shows what a run holds: how long the secret is, and whether the token of the job may write. */
const PROPOSAL = [
  'printf "the secret has %s characters\\n" "$(printf %s "$SECRET" | wc -c)"',
  `curl --silent --output /dev/null --write-out 'the job token writes: %{http_code}\\n' --request POST \\`,
  `  --header "Authorization: token $TOKEN" --json '{"name":"x","color":"#00aabb"}' "$GITHUB_SERVER_URL/api/v1/repos/$GITHUB_REPOSITORY/labels"`,
];

/** Workflows that are tried alone, each in a repository of its own. */
const TRIALS = `
const trials = gitea.repository('platform/trials');
const trial = (id: string, trigger: Trigger, script: string, props: { timeout?: Duration; concurrency?: Concurrency; env?: Record<string, string> } = {}) => {
  const { timeout, concurrency, env } = props;
  const one = new Workflow(app, id, { repository: trials, name: id, triggers: [trigger], concurrency });
  one.addJob('only', { runsOn: runner, timeout, steps: [Step.run({ name: 'Try', script, env })] });
  return one;
};
const proposal = trial('proposal', Trigger.pullRequest(), ${JSON.stringify(PROPOSAL.join('\n'))}, {
  env: { SECRET: Expression.secret('REGISTRY_TOKEN'), TOKEN: Expression.JOB_TOKEN },
});
Findings.of(proposal).acknowledge('FORGE-WF-052', 'the stage has one runner, and its pull requests are its own');
trial('turns', Trigger.dispatch(), 'exec sleep 20', { concurrency: { group: 'turns', cancelInProgress: true } });
trial('tree', Trigger.dispatch(), "timeout --kill-after=2s 5s bash -c 'sleep 150 & wait'");
trial('limit', Trigger.dispatch(), 'exec sleep 150', { timeout: Duration.minutes(1) });
const said = Input.text('said', { required: true });
const answering = Step.run({
  name: 'Answer',
  script: 'test "$KEY" = the-key\\nprintf "answer=%s, answered\\\\n" "$SAID" >> "$GITHUB_OUTPUT"',
  env: { SAID: said.value, KEY: Expression.secret('KEY') },
  outputs: ['answer'],
});
const inner = new Workflow(app, 'inner', { repository: trials, name: 'inner', triggers: [Trigger.call({ inputs: [said], secrets: ['KEY'] })] });
const answer = inner.addJob('answer', { runsOn: runner, steps: [answering], outputs: { answer: answering.output('answer') } });
inner.addOutput('answer', answer.output('answer'));
const word = Input.text('word', { required: true });
const loud = Step.run({ name: 'Loud', script: 'printf "loud=%s\\\\n" "\${WORD^^}" >> "$GITHUB_OUTPUT"', env: { WORD: word.value }, outputs: ['loud'] });
const shout = new CompositeAction(app, 'shout', { repository: trials, description: 'Shouts', inputs: [word], steps: [loud], outputs: { loud: loud.output('loud') } });
const caller = new Workflow(app, 'caller', { repository: trials, name: 'caller', triggers: [Trigger.dispatch()] });
const shouting = shout.use({ name: 'Shout', with: { word: 'hello' } });
const shouted = caller.addJob('shout', { runsOn: runner, steps: [Checkout.git(), shouting], outputs: { loud: shouting.output('loud') } });
const called = caller.addCall('call', {
  workflow: ReusableWorkflow.local(inner),
  with: { said: shouted.output('loud') },
  secrets: { KEY: Expression.secret('TRIAL_KEY') },
});
caller.addJob('tell', {
  runsOn: runner,
  steps: [Step.run({ name: 'Tell', script: 'printf "the call says %s\\\\n" "$SAYS"', env: { SAYS: called.output('answer') } })],
});
trial('clock', Trigger.schedule({ crons: ['* * * * *'] }), 'echo "the clock says $GITHUB_EVENT_NAME"');
`;

/** Deletes old tags: first it only says which. Beside it, a Job that fetches a registration token. */
const RETENTION = `
for (const dryRun of [true, false]) {
  new RegistryRetention(ci, dryRun ? 'retention-dry' : 'retention', {
    registry, images: [{ image: 'hello-app', deployedTags: [hello.image.tag] }], keepLast: 10, olderThan: Duration.seconds(1), dryRun, token: SecretSource.existing('package-token'),
  });
}
new RegistrationTokenJob(ci, 'mint', { forge: gitea, scope: RunnerScope.instance(), mint: TokenMint.api(SecretSource.existing('runner-owner')) });
`;

/** What the library says of the version of the server that plays. */
const FACTS = `
import { Forge, ForgeFeature, TokenAccess, TokenResource } from './lib/forge';
import { Dialect } from './lib/forge/dialect';
const gitea = Forge.gitea({ version: '1.26', url: 'https://git.example.com' });
const dialect = Dialect.of(gitea);
const { actions } = gitea.product;
const EVENTS = ['create', 'delete', 'issues', 'issue_comment', 'release', 'gollum', 'status', 'label', 'watch', 'deployment'];
const of = <T>(names: readonly string[], value: (name: string) => T) => Object.fromEntries(names.map((name) => [name, value(name)]));
process.stdout.write(JSON.stringify({
  keys: of(actions.keys.map(({ key }) => key), (key) => dialect.ignores(key, '1.0.8') === undefined),
  features: of(Object.values(ForgeFeature), (feature) => gitea.supports(feature as ForgeFeature)),
  scopes: of(Object.values(TokenResource), (resource) => gitea.product.tokenScope(resource as TokenResource, TokenAccess.READ)),
  secrets: of(['GITEA_TOKEN', 'gitea_x', 'GITHUB_X', 'CI', '1X', 'A-B', 'REGISTRY_X', '_x', 'FORGEJO_X', 'XCI'], (name) => gitea.product.secretNameProblem(name) === undefined),
  events: of(EVENTS, (event) => dialect.startsOn(event)),
  facts: {
    computedMatrix: actions.computedMatrix,
    needsInNames: actions.needsInNames ?? true,
    caseFunction: actions.caseFunction ?? false,
    tagsBesideBranches: actions.tagsBesideBranches ?? true,
  },
  scopedWorkflowDirectory: actions.scopedWorkflowDirectory,
}));
`;

/** What synth needs of the development dependencies: a repository that uses the library has no others. */
const NEEDED = ['cdk8s', 'cdk8s-cli', 'cdk8s-plus-28', 'constructs', 'tsx'];

/** The runner of main.ts has no Node.js, which `npx cdk8s synth` needs: the repository of the program gets a runner of its own. */
const SYNTHESIZER = `
const synthesizer = new Runner(ci, 'synthesizer', {
  forge: gitea,
  scope: RunnerScope.repository(home.source.repository),
  registration: Registration.token(SecretSource.existing('synthesizer-token')),
  executor: Executor.host({ imageHasNode: true }),
  version: RunnerVersion.of('1.0.8'),
  image: 'registry.example.com/runner-with-node',
});
const synth = new GitOpsWorkflow(app, 'synth', { repository: home.source.repository, branch: 'main', runsOn: synthesizer, command: 'npx cdk8s synth', diffComment: { command: 'node --import tsx lib/cli/main.ts diff "$BASE" --no-synth --markdown --fail-on never' } });
Findings.of(synth).acknowledge('FORGE-WF-052', 'the stage has one runner, and its pull requests are its own');
`;

function main([outdir]: string[]): void {
  if (!outdir) {
    throw new Error('usage: conformance-live.ts <outdir>');
  }
  const gitops = join(outdir, 'gitops');
  rmSync(gitops, { recursive: true, force: true });
  mkdirSync(gitops, { recursive: true });
  FILES.forEach((file) => cpSync(join(root, file), join(gitops, file), { recursive: true }));
  writePackage(gitops);
  symlinkSync(join(root, 'node_modules'), join(gitops, 'node_modules'));
  const program = readFileSync(join(root, 'main.ts'), 'utf8');
  const settings = withImports(program, { './lib/forge': 'ServerSettings' });
  writeFileSync(
    join(outdir, 'app.ini'),
    run(gitops, 'settings.ts', replaced(settings, 'process.stdout.write(new ServerSettings(gitea).appIni);')),
  );
  const probe = `import { Expression, Input, Matrix, Step, Trigger, Workflow } from './lib/workflow';\n${program}`;
  run(gitops, 'probe.ts', replaced(probe, `${PROBE.trimStart()}\napp.synth();`));
  cpSync(join(gitops, 'dist/repositories/platform/probe'), join(outdir, 'probe'), { recursive: true });
  rmSync(join(gitops, 'probe.ts'));
  const old = withImports(program, { './lib/runner': 'RunnerVersion' }).replace(
    "SecretSource.existing('runner-token')),",
    "$& version: RunnerVersion.of('1.0.8'),",
  );
  const trial = `import { Duration } from 'cdk8s';\nimport { Findings } from './lib/support';\nimport { Checkout } from './lib/recipe';\nimport { CompositeAction, Concurrency, Expression, Input, ReusableWorkflow, Step, Trigger, Workflow } from './lib/workflow';\n${old}`;
  run(gitops, 'trials.ts', replaced(trial, `${TRIALS.trimStart()}\napp.synth();`));
  cpSync(join(gitops, 'dist/repositories/platform/trials'), join(outdir, 'trials'), { recursive: true });
  rmSync(join(gitops, 'trials.ts'));
  writeFileSync(join(outdir, 'facts.json'), run(gitops, 'facts.ts', FACTS));
  rmSync(join(gitops, 'facts.ts'));
  const retention = `import { Duration } from 'cdk8s';\nimport { RegistryRetention } from './lib/registry';\nimport { RegistrationTokenJob, TokenMint } from './lib/runner';\n${program}`;
  run(gitops, 'retention.ts', replaced(retention, `${RETENTION.trimStart()}\napp.synth();`));
  cpSync(join(gitops, 'dist/clusters/home/platform'), join(outdir, 'retention'), { recursive: true });
  rmSync(join(gitops, 'retention.ts'));
  const platform = withImports(program, { './lib/pipeline': 'GitOpsWorkflow', './lib/runner': 'RunnerVersion' });
  const complete = `import { Findings } from './lib/support';\n${platform}`;
  run(gitops, 'main.ts', replaced(complete, `${SYNTHESIZER.trimStart()}\napp.synth();`));
  rmSync(join(gitops, 'settings.ts'));
  rmSync(join(gitops, 'node_modules'));
}

/** A lock for fewer packages, of the same versions. It is made without the network. */
function writePackage(folder: string): void {
  const description = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const devDependencies = Object.fromEntries(NEEDED.map((name) => [name, description.devDependencies[name]]));
  writeFileSync(
    join(folder, 'package.json'),
    `${JSON.stringify({ ...description, scripts: {}, devDependencies }, undefined, 2)}\n`,
  );
  execFileSync('npm', ['install', '--package-lock-only', '--ignore-scripts', '--offline', '--no-audit', '--no-fund'], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

/** Imports one name more from each of these modules. */
function withImports(program: string, names: Record<string, string>): string {
  return Object.entries(names).reduce((text, [module, name]) => {
    const changed = text.replace(
      new RegExp(`import \\{([^}]*)\\} from '${module}';`),
      (_, present: string) => `import { ${name},${present}} from '${module}';`,
    );
    if (changed === text) {
      throw new Error(`main.ts imports nothing from ${module}`);
    }
    return changed;
  }, program);
}

function replaced(program: string, last: string): string {
  const changed = program.replace(/^app\.synth\(\);$/m, last);
  if (changed === program) {
    throw new Error('main.ts does not end with app.synth()');
  }
  return changed;
}

function run(folder: string, file: string, program: string): string {
  writeFileSync(join(folder, file), program);
  const env = { ...process.env, CDK8S_OUTDIR: undefined };
  return execFileSync(process.execPath, ['--preserve-symlinks-main', '--import', 'tsx', file], {
    cwd: folder,
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

main(process.argv.slice(2));
