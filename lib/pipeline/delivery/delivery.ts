import { Construct } from 'constructs';
import { Repository } from '../../forge';
import { checkConstruction } from '../../support';
import { DeliveryJob } from './delivery-job';
import { DeliveryJobOptions } from './delivery-props';

/**
 * A way in which the files for a repository reach the repository.
 *
 * @example
 *
 * new ImagePipeline(apps, 'hello', { repository, registry, runner, delivery: Delivery.job({ token: SecretSource.existing('hello-repo-token') }) });
 */
export class Delivery {
  /**
   * Files are committed by `npx cdk8s-forge deliver`, from a machine of yours or from CI. This is the default.
   */
  static readonly COMMAND = new Delivery(() => {});

  /** Files are committed by a Job in the cluster, after each change: see `DeliveryJob`. */
  static job(options: DeliveryJobOptions): Delivery {
    return new Delivery((scope, repository) => void new DeliveryJob(scope, 'delivery', { ...options, repository }));
  }

  private constructor(private readonly make: (scope: Construct, repository: Repository) => void) {
    checkConstruction(Delivery, new.target, arguments);
  }

  /**
   * Creates what delivers the files.
   *
   * @internal
   */
  _deliver(scope: Construct, repository: Repository): void {
    this.make(scope, repository);
  }
}
