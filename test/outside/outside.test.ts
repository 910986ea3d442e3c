import { App, Chart, Size } from 'cdk8s';
import { GitOpsApp } from '../../lib/app';
import { BuilderConnection, CacheKind, IBuilder, ImageBuild } from '../../lib/buildkit';
import { Cluster } from '../../lib/flux';
import { Forge, GiteaProduct, RunnerCapabilities } from '../../lib/forge';
import { Model } from '../../lib/model';
import { ImagePipeline } from '../../lib/pipeline';
import { Registry } from '../../lib/registry';
import {
  Executor,
  ExecutorPlan,
  ExecutorContext,
  ExecutorTraits,
  IExecutor,
  Registration,
  Runner,
  RunnerScope,
} from '../../lib/runner';
import { SecretSource } from '../../lib/secret';
import { ConstructKind, Problem, register, ScriptSpec } from '../../lib/support';
import { IStepJob, IStepSource, Step, Trigger, Workflow } from '../../lib/workflow';
import { temporaryFolder } from '../support/workspace';

// Everything here is written as a user would write it: with the public paths of the package, and nothing else.

/** A fork of Gitea with a directory of its own. */
class TeaProduct extends GiteaProduct {
  readonly name: string = 'tea';
  readonly title: string = 'Tea';
  get workflowDirectories(): string[] {
    return ['.tea/workflows'];
  }
}

/** A builder that jobs bring. */
class Kaniko implements IBuilder {
  readonly path = 'kaniko';
  readonly name = 'kaniko';
  readonly cacheKinds = [CacheKind.REGISTRY];
  readonly tools: string[] = ['kaniko'];
  readonly isForClientsOnly = false;
  canUse(): boolean {
    return true;
  }
  connectFrom(): BuilderConnection {
    return BuilderConnection.none();
  }
  buildScript({ image, registry }: ImageBuild): ScriptSpec {
    return {
      name: 'Build',
      script: 'kaniko --destination "$IMAGE"\n',
      env: { IMAGE: registry.pushName(image) },
      tools: this.tools,
    };
  }
}

/** An executor in a sandbox that Kubernetes knows. */
class Sandbox implements IExecutor {
  readonly name = 'sandbox';
  readonly builder = new Kaniko();
  capabilities(): RunnerCapabilities {
    return { dockerInJobs: false };
  }
  traits(): ExecutorTraits {
    return { jobResources: { memoryLimit: Size.gibibytes(3) } };
  }
  problems(): Problem[] {
    return [];
  }
  plan({ program }: ExecutorContext): ExecutorPlan {
    return { image: program.image, user: { id: program.user } };
  }
}

/** A ready-made step that knows the repository of its job. */
class Audit implements IStepSource {
  bind({ repository }: IStepJob): Step[] {
    return [Step.run({ name: 'Audit', script: 'audit "$REPOSITORY"', env: { REPOSITORY: repository.fullName } })];
  }
}

interface Audited {
  readonly team: string;
}
const AUDITED = new ConstructKind<Audited>('example.com/audited');

/** A chart of a kind that this file has made. */
class AuditedChart extends Chart implements Audited {
  readonly team = 'platform';
}

function platform(outdir = temporaryFolder()): App {
  const app = new GitOpsApp({ outdir: `${outdir}/dist`, imageLock: `${outdir}/images.yaml` });
  const forge = Forge.of(new TeaProduct(), { version: '1.26', url: 'https://git.example.com' });
  const home = new Cluster(app, 'home', { source: forge.repository('platform/gitops') });
  const registry = Registry.gitea(forge, { owner: 'platform', credentials: SecretSource.existing('registry') });
  const ci = new AuditedChart(home, 'ci', { namespace: 'ci' });
  register(ci, AUDITED);
  const runner = new Runner(ci, 'runner', {
    forge,
    scope: RunnerScope.instance(),
    registration: Registration.token(SecretSource.existing('runner-token')),
    executor: Executor.custom(new Sandbox()),
  });
  const apps = new Chart(home, 'apps', { namespace: 'apps' });
  new ImagePipeline(apps, 'hello', { repository: forge.repository('platform/hello'), registry, runner });
  const audit = new Workflow(app, 'audit', {
    repository: forge.repository('platform/hello'),
    triggers: [Trigger.custom('audit_requested')],
  });
  audit.addJob('audit', { runsOn: runner, steps: [new Audit()] });
  return app;
}

test('a product, a builder, an executor, a step and a trigger of a user synthesize together', () => {
  const app = platform();
  expect(() => app.synth()).not.toThrow();
});

test('a rule of a user finds constructs of its own kind, and those of the library', () => {
  const model = Model.outline(platform());
  expect(model.all(AUDITED).map(({ team, node }) => `${team} ${node.path}`)).toEqual(['platform home/ci']);
  expect(model.runners.map(({ node }) => node.path)).toEqual(['home/ci/runner']);
  expect(model.workflows.map(({ node }) => node.path)).toContain('audit');
});
