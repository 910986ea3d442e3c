import { Testing } from 'cdk8s';
import { PodSecurity } from '../../../lib/kube';
import { Executor, Registration, RegistrationTokenJob, Runner, RunnerScope, TokenMint } from '../../../lib/runner';
import { SecretSource } from '../../../lib/secret';
import { accepts, codesOf } from '../../support/problems';
import { chart, forgejo, gitea, render } from '../fixture';

const api = () => TokenMint.api(SecretSource.existing('gitea-admin-token'));

test('the Job may change one Secret and nothing else, and runs hardened', () => {
  const scope = chart();
  const job = new RegistrationTokenJob(scope, 'token', { forge: gitea, scope: RunnerScope.instance(), mint: api() });
  const objects = Testing.synth(scope);
  objects
    .filter(({ kind }) => kind === 'ConfigMap')
    .forEach(({ data }) => {
      data['mint-token.sh'] = '(see lib/runner/scripts)';
    });
  expect(objects).toMatchSnapshot();
  expect(PodSecurity.markOf(job)).toBe(PodSecurity.RESTRICTED);
});

test('a runner registers with what the Job fetches, and nobody has to make that Secret', () => {
  const scope = chart();
  const { secret } = new RegistrationTokenJob(scope, 'token', {
    forge: gitea,
    scope: RunnerScope.instance(),
    mint: api(),
  });
  const made = new Runner(scope, 'runner', {
    forge: gitea,
    scope: RunnerScope.instance(),
    registration: Registration.token(secret),
    executor: Executor.host(),
  });
  expect(render(made).pod.volumes).toContainEqual({
    name: 'token',
    secret: { secretName: 'token', items: [{ key: 'token', path: 'token' }], defaultMode: 0o440 },
  });
  expect(SecretSource.requirementsAt(made)[0].origin).toContain('fetched from the forge by Job token');
});

test('the name changes with what it does, so that another one takes its place', () => {
  const name = (scope: RunnerScope) => {
    const home = chart();
    new RegistrationTokenJob(home, 'token', { forge: gitea, scope, mint: api() });
    return Testing.synth(home).find(({ kind }) => kind === 'Job').metadata.name;
  };
  expect(name(RunnerScope.instance())).toMatch(/^token-[0-9a-f]{8}$/);
  expect(name(RunnerScope.instance())).toBe(name(RunnerScope.instance()));
  expect(name(RunnerScope.instance())).not.toBe(name(RunnerScope.organization('platform')));
});

test("with the command, the server's image asks with an app.ini", () => {
  const home = chart();
  new RegistrationTokenJob(home, 'token', {
    forge: gitea,
    scope: RunnerScope.organization('platform'),
    mint: TokenMint.command(SecretSource.existing('gitea-internal'), 'gitea/gitea:1.27.1-rootless'),
  });
  const [container] = Testing.synth(home).find(({ kind }) => kind === 'Job').spec.template.spec.containers;
  expect(container.image).toBe('gitea/gitea:1.27.1-rootless');
  expect(container.env).toEqual(
    expect.arrayContaining([
      { name: 'MINT_BY', value: 'command' },
      { name: 'GITEA_CONFIG', value: '/var/run/secrets/forge/app.ini' },
      { name: 'FORGE_SCOPE', value: 'platform' },
    ]),
  );
});

test('fails for a forge without registration tokens, and for images that move', () => {
  expect(
    codesOf(
      () => new RegistrationTokenJob(chart(), 'token', { forge: forgejo, scope: RunnerScope.instance(), mint: api() }),
    ),
  ).toEqual(['FORGE-RUN-016']);
  expect(codesOf(() => TokenMint.api(SecretSource.existing('t'), 'curl:latest'))).toEqual(['FORGE-RUN-029']);
  expect(codesOf(() => TokenMint.command(SecretSource.existing('t'), 'gitea/gitea'))).toEqual(['FORGE-RUN-029']);
  accepts(
    () => new RegistrationTokenJob(chart(), 'token', { forge: gitea, scope: RunnerScope.instance(), mint: api() }),
    () => TokenMint.api(SecretSource.existing('t'), 'curl:8.1'),
    () => TokenMint.command(SecretSource.existing('t'), 'gitea/gitea:1.26.2'),
  );
});
