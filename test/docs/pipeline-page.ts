import * as path from 'node:path';
import { Chart, Size } from 'cdk8s';
import * as plus from 'cdk8s-plus-28';
import * as ts from 'typescript';
import { stringify, parse } from 'yaml';
import * as lib from '../../lib';
import { readTree, temporaryFolder, writeTree } from '../support/workspace';

/** A manifest that a program of the page adopts. */
const MANIFEST = 'kind: Pod\nspec:\n  containers:\n    - image: git.example.com/platform/api:1\n';

interface Step {
  name: string;
  env?: Record<string, string>;
  run?: string;
}

/** The parts of a program that the page does not repeat: what its `declare const` lines name. */
function surroundings(folder: string) {
  const app = new lib.app.GitOpsApp({ outdir: path.join(folder, 'dist'), imageLock: path.join(folder, 'images.yaml') });
  const gitea = lib.forge.Forge.gitea({
    version: '1.26',
    url: 'https://git.example.com',
    internalUrl: 'http://gitea-http.gitea.svc.cluster.local:3000',
  });
  const home = new lib.flux.Cluster(app, 'home', { source: gitea.repository('platform/gitops') });
  const registry = lib.registry.Registry.gitea(gitea, {
    owner: 'platform',
    credentials: lib.secret.SecretSource.existing('registry-credentials'),
  });
  const ci = new Chart(home, 'ci', { namespace: 'ci' });
  const buildkitd = new lib.buildkit.Buildkitd(ci, 'buildkitd', {
    registries: [registry],
    storage: lib.kube.Storage.persistent(Size.gibibytes(100)),
  });
  const runner = new lib.runner.Runner(ci, 'runner', {
    forge: gitea,
    scope: lib.runner.RunnerScope.instance(),
    registration: lib.runner.Registration.token(lib.secret.SecretSource.existing('runner-token')),
    executor: lib.runner.Executor.host({ builder: buildkitd }),
    scaling: lib.runner.Scaling.perJob({ max: 4, apiToken: lib.secret.SecretSource.existing('api-token') }),
  });
  const apps = new Chart(home, 'apps', { namespace: 'apps' });
  return { app, gitea, home, registry, buildkitd, runner, apps };
}

/** Runs a program of the page, and returns the workflow files that it makes, as the page shows them. */
export function workflowsOf(program: string): string[] {
  const folder = temporaryFolder();
  writeTree(folder, { 'k8s/api.yaml': MANIFEST });
  const { app, ...values } = surroundings(folder);
  const names = { ...values, ...Object.assign({}, ...Object.values(lib)), ...plus };
  const code = program.replace(/^(?:import|declare) [^;]*;$/gm, '');
  const { outputText } = ts.transpileModule(code, { compilerOptions: { module: ts.ModuleKind.CommonJS } });
  const own = Object.keys(names).filter((name) => !new RegExp(`\\bconst ${name}\\b`).test(code));
  new Function(...own, 'exports', outputText)(...own.map((name) => names[name]), {});
  app.synth();
  return Object.entries(readTree(folder))
    .filter(([file]) => file.endsWith('.yml'))
    .map(([, text]) => shown(text));
}

/** Leaves out the scripts, and what every checkout and every build has. */
function shown(text: string): string {
  const workflow = parse(text);
  for (const job of Object.values<{ steps: Step[] }>(workflow.jobs)) {
    job.steps = job.steps.map(({ run, ...step }) => ({
      ...step,
      shell: undefined,
      ...environment(step),
      run: run && '…',
    }));
  }
  return stringify(workflow, { lineWidth: 0, singleQuote: true });
}

const ALWAYS =
  /^(BUILDKIT_HOST|BUILDCTL_FLAGS|BUILDER(_.*)?|REF|COMMIT|REGISTRY_HOSTS|OUTPUT|TAG_PREFIX|SOURCE_URL|CREATED|SORTED|HISTORY|SUBMODULES|LFS|REPOSITORY_URL|AUTHOR_.*|MESSAGE)$/;

function environment({ name, env = {} }: Step): { env?: Record<string, string> } {
  const left = Object.entries(env).filter(([variable]) => !ALWAYS.test(variable) && name !== 'Check out');
  return { env: left.length > 0 ? Object.fromEntries(left) : undefined };
}
