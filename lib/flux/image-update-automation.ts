import { ApiObject, Duration } from 'cdk8s';
import { Construct } from 'constructs';
import * as l1 from '../../imports/image.toolkit.fluxcd.io';
import { fluxDuration } from './duration';
import { GitRepository } from './git-repository';

/**
 * Where Flux commits new versions to.
 */
export interface ImageUpdateAutomationProps {
  /** The repository that holds `images.yaml` and the output; its credentials must be able to push. */
  readonly source: GitRepository;

  /**
   * How often to look whether a policy moved, besides being told so.
   *
   * @default Duration.minutes(30)
   */
  readonly interval?: Duration;

  /**
   * Name of the commits' author.
   *
   * @default 'fluxcdbot'
   */
  readonly authorName?: string;

  /**
   * E-mail address of the commits' author.
   *
   * @default 'fluxcdbot@users.noreply.local'
   */
  readonly authorEmail?: string;
}

/**
 * Flux's ImageUpdateAutomation: writes the tags that the policies of its namespace chose into `images.yaml` and the manifests, in one commit.
 *
 * It looks at the whole repository, because the lock lies at its root.
 *
 * @see https://fluxcd.io/flux/components/image/imageupdateautomations/
 *
 * @example
 *
 * new ImageUpdateAutomation(chart, 'home', { source });
 */
export class ImageUpdateAutomation extends Construct {
  /** The emitted object, for what this construct has no option for. */
  readonly apiObject: ApiObject;

  constructor(scope: Construct, id: string, props: ImageUpdateAutomationProps) {
    super(scope, id);
    this.apiObject = new l1.ImageUpdateAutomation(this, 'Resource', {
      metadata: { name: id },
      spec: {
        interval: fluxDuration(props.interval ?? Duration.minutes(30)),
        sourceRef: { kind: l1.ImageUpdateAutomationSpecSourceRefKind.GIT_REPOSITORY, name: props.source.apiObject.name },
        git: {
          checkout: { ref: { branch: props.source.branch } },
          commit: {
            author: { name: props.authorName ?? 'fluxcdbot', email: props.authorEmail ?? 'fluxcdbot@users.noreply.local' },
            messageTemplate: MESSAGE,
          },
          push: { branch: props.source.branch },
        },
        update: { path: './', strategy: l1.ImageUpdateAutomationSpecUpdateStrategy.SETTERS },
      },
    });
  }
}

const MESSAGE = [
  'Move images to their newest tags',
  '',
  '{{ range .Changed.Changes -}}',
  '- {{ .OldValue }} -> {{ .NewValue }}',
  '{{ end -}}',
  '',
].join('\n');
