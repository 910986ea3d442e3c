/**
 * Writes what KEDA reads of scaled runners, for the Go tests in conformance/keda:
 *
 *   node --import tsx scripts/conformance-keda.ts <outdir>
 *
 * <outdir>/cases.json: forges × scopes × labels × how many run, for GitHub × credentials as well. Always the same cases.
 */
import { App, Chart, Testing } from 'cdk8s';
import { writeFileSync } from 'fs';
import { join } from 'path';
import { Forge } from '../lib/forge';
import { Executor, GitHubRunner, Registration, Runner, RunnerLabel, RunnerScope, Scaling } from '../lib/runner';
import { SecretSource } from '../lib/secret';

/** Whose jobs a case is about, in words of its own: the Go tests hold the trigger to it. */
interface Scope {
  readonly kind: string;
  readonly owner?: string;
  readonly repo?: string;
}

const UUID = '01234567-89ab-4cde-8f01-23456789abcd';
const token = SecretSource.existing('runner-token');
const apiToken = SecretSource.existing('scaler-token');

const forges = [
  { product: 'gitea', forge: Forge.gitea({ version: '1.25', url: 'https://git.example.com' }) },
  {
    product: 'gitea',
    forge: Forge.gitea({
      version: '1.27',
      url: 'https://git.example.com',
      internalUrl: 'http://gitea-http.gitea.svc.cluster.local:3000',
    }),
  },
  { product: 'forgejo', forge: Forge.forgejo({ version: '13.0', url: 'https://git.example.com' }) },
  {
    product: 'forgejo',
    forge: Forge.forgejo({
      version: '13.0',
      url: 'https://git.example.com',
      internalUrl: 'http://forgejo-http.forgejo.svc.cluster.local:3000',
    }),
  },
];
const scopes: [Scope, (forge: Forge) => RunnerScope][] = [
  [{ kind: 'instance' }, () => RunnerScope.instance()],
  [{ kind: 'organization', owner: 'platform' }, () => RunnerScope.organization('platform')],
  [{ kind: 'user', owner: 'someone' }, () => RunnerScope.user('someone')],
  [
    { kind: 'repository', owner: 'plat-form', repo: 'hello.world_2' },
    (forge) => RunnerScope.repository(forge.repository('plat-form/hello.world_2')),
  ],
];
const labels = [undefined, [RunnerLabel.host('linux-amd64'), RunnerLabel.host('ubuntu_22.04')]];
const sizes = [{ max: 10 }, { max: 1 }, { max: 4, min: 2 }, { max: 3, min: 3 }];

const cases = forges.flatMap(({ product, forge }, i) =>
  scopes.flatMap(([scope, scopeOf]) =>
    labels.flatMap((given, j) =>
      sizes.map((size) => {
        const chart = new Chart(new App(), 'ci', { namespace: 'ci' });
        const runner = new Runner(chart, 'runner', {
          forge,
          scope: scopeOf(forge),
          labels: given,
          executor: Executor.host(),
          registration: product === 'forgejo' ? Registration.connection(UUID, token) : Registration.token(token),
          scaling: Scaling.perJob({ ...size, apiToken }),
        });
        return {
          name: `${product}-${i} ${scope.kind} labels-${j} ${JSON.stringify(size)}`,
          product,
          scope,
          labels: runner.labels.map(({ name }) => name),
          objects: kedaObjects(chart),
        };
      }),
    ),
  ),
);

const servers = [
  Forge.github(),
  Forge.github({ url: 'https://octo.ghe.com' }),
  Forge.github({ url: 'https://github.example.com', version: '3.14' }),
];
const credentials = [
  Registration.gitHubToken(SecretSource.existing('github-jobs')),
  Registration.gitHubApp({
    applicationId: 123456,
    installationId: 7654321,
    privateKey: SecretSource.existing('github-app'),
  }),
];
const gitHubLabels = [undefined, ['self-hosted', 'Linux', 'x64', 'gpu']];

/** GitHub: servers × scopes × labels × credentials × how many run, and all that may be said of counting. */
const gitHubCases = servers.flatMap((forge, i) =>
  scopes
    .filter(([{ kind }]) => kind === 'organization' || kind === 'repository')
    .flatMap(([scope, scopeOf]) =>
      gitHubLabels.flatMap((labels, j) =>
        credentials.flatMap((registration) =>
          sizes.map((size, k) => {
            const chart = new Chart(new App(), 'ci', { namespace: 'ci' });
            const repositories =
              k % 2 === 1 ? [forge.repository(`${scope.owner}/${scope.repo ?? 'hello'}`)] : undefined;
            const runner = new GitHubRunner(chart, 'runner', {
              forge,
              scope: scopeOf(forge),
              labels,
              registration,
              executor: Executor.host(),
              scaling: Scaling.perJob({ ...size, repositories, conditionalRequests: k > 1 }),
              runnerGroupId: scope.kind === 'organization' && k === 2 ? 5 : undefined,
            });
            return {
              name: `github-${i} ${scope.kind} labels-${j} ${registration.kind} ${JSON.stringify(size)}`,
              product: 'github',
              scope,
              labels: runner.labels.map(({ name }) => name),
              objects: kedaObjects(chart),
            };
          }),
        ),
      ),
    ),
);

function kedaObjects(chart: Chart): object[] {
  return Testing.synth(chart).filter(({ apiVersion }) => apiVersion.startsWith('keda.sh/'));
}

writeFileSync(join(process.argv[2], 'cases.json'), JSON.stringify([...cases, ...gitHubCases]));
