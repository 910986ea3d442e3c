import { Construct } from 'constructs';
import { Registry } from '../../registry';
import { ForgeError, quoted } from '../../support';
import { Tags } from '../tags/tags';

/** The sequences of tags that the pipelines of an app push, with the path of the pipeline. */
const PUSHED = new WeakMap<object, Map<string, string>>();

/** An image with its tags, as a pipeline pushes it. */
interface PushedImage {
  readonly registry: Registry;
  readonly name: string;
  readonly tags: Tags;
  readonly branch: string;
}

/**
 * Throws an error if another pipeline of the app pushes the same image with tags that Flux cannot tell apart.
 *
 * @throws FORGE-PIPE-012
 */
export function assertPushedOnce(pipeline: Construct, { registry, name, tags, branch }: PushedImage): void {
  const { root, path } = pipeline.node;
  const pushed = PUSHED.get(root) ?? new Map<string, string>();
  PUSHED.set(root, pushed);
  const key = `${registry.pushName(name)} ${tags._sequence(branch)}`;
  const other = pushed.get(key);
  if (other !== undefined && other !== path) {
    throw ForgeError.at(pipeline, {
      code: 'FORGE-PIPE-012',
      message: `image ${quoted(name)} is pushed by ${quoted(other)} too, with tags that Flux cannot tell apart`,
      allowed:
        'one pipeline for each image and form of tags; branches such as feature/x and feature-x have the same tags',
      fix: 'set image to another name, or set tags or branch to others',
      symptom: 'no error: Flux deploys the builds of both, whichever is newest',
    });
  }
  pushed.set(key, path);
}
