import { Construct } from 'constructs';
import { Registry } from '../../registry';
import { fingerprint, scriptText } from '../../support';
import { BuilderConnection } from '../access/connection';
import { imageOf } from './builder-image';
import { DockerContainerOptions } from './driver-options';
import { OWN_CACHES, KnownDriver } from './known-driver';
import { canConfigure, registryFiles } from './registry-files';

/**
 * The driver `docker-container`.
 *
 * @internal
 */
export class ContainerDriver implements KnownDriver {
  readonly name = 'docker-container';
  readonly isForClientsOnly = false;
  readonly isComplete = true;
  readonly cacheKinds = OWN_CACHES;
  readonly tools = ['docker'];
  readonly script = ['buildx-config', 'buildx-container'].map((name) => scriptText(__dirname, `${name}.sh`)).join('\n');

  private readonly image: string;

  constructor(options: DockerContainerOptions) {
    this.image = imageOf(options);
  }

  canUse(registry: Registry): boolean {
    return canConfigure(registry);
  }

  connectFrom(_client: Construct, _podLabels: Record<string, string>): BuilderConnection {
    return BuilderConnection.none();
  }

  /** Returns the variables. The name of the builder changes with its configuration, which it reads only once. */
  environment(registries: readonly Registry[]): Record<string, string> {
    const files = registryFiles(registries);
    const name = `forge-${fingerprint(this.image, ...Object.values(files)).slice(0, 10)}`;
    return { BUILDER: name, BUILDER_IMAGE: this.image, ...files };
  }
}
