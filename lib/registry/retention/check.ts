import { Construct } from 'constructs';
import { cronJobProblem, ForgeError, Problems, quoted } from '../../support';
import { imagePath, isTag } from '../name/image-name';
import { RegistryKind } from '../registry';
import { checkCapacity } from './capacity';
import { RegistryRetentionProps, RetentionImage } from './props';

/** The tag of an image that Flux deploys, or a variable of a cluster, in a text: the value is inserted at synth or by Flux. */
const LATER = /<image:[^<>]+:tag>|<variable:\w+>/g;

/**
 * Rejects rules that mean nothing.
 *
 * @throws FORGE-REG-013, 014, 016
 */
export function checkRetention(retention: Construct, props: RegistryRetentionProps): void {
  const { registry, keepLast, keepMatching, schedule, images } = props;
  if (registry.kind !== RegistryKind.GITEA) {
    throw ForgeError.at(retention, {
      code: 'FORGE-REG-013',
      message: `registry ${quoted(registry.pull.host)} is not in a Gitea or Forgejo server`,
      fix: 'use the cleanup of that registry: Harbor, zot and GHCR have one each',
    });
  }
  const problems = new Problems(retention.node.path);
  const bad = (message: string, fix: string) => problems.add({ code: 'FORGE-REG-014', message, fix });
  if (!(Number.isInteger(keepLast) && keepLast >= 1)) {
    bad(`keepLast is ${keepLast}`, 'keep at least one: give a whole number from 1 on');
  }
  (keepMatching ?? [])
    .filter((pattern) => !isPattern(pattern))
    .forEach((pattern) =>
      bad(
        `${quoted(pattern)} is not a regular expression`,
        "write one in JavaScript's way, e.g. 'v\\\\d+\\\\.\\\\d+\\\\.0'",
      ),
    );
  const noSchedule = schedule === undefined ? undefined : cronJobProblem(schedule);
  if (noSchedule !== undefined) {
    bad(
      `schedule ${quoted(schedule)} is not a schedule: ${noSchedule}`,
      "set schedule to cron's five fields, for example '17 3 * * *'",
    );
  }
  checkImages(images, bad);
  images.forEach(({ image }) => problems.collect(() => imagePath(image, 'image name')));
  problems.collect(() => checkCapacity(props));
  problems.throwIfAny();
}

/** Reports images without a tag that is deployed, with a text that is no tag, or that are listed twice. */
function checkImages(images: readonly RetentionImage[], bad: (message: string, fix: string) => void): void {
  images
    .filter(({ deployedTags }) => deployedTags.length === 0)
    .forEach(({ image }) =>
      bad(
        `no tag of ${quoted(image)} is deployed`,
        'give the tags that are, or leave the image out: it is then left alone',
      ),
    );
  images.forEach(({ image, deployedTags }) =>
    deployedTags
      .filter((tag) => !isTag(tag.replace(LATER, 'x')))
      .forEach((tag) =>
        bad(
          `deployedTags of ${quoted(image)} has ${quoted(tag)}, which is not a tag`,
          'set the tag only: up to 128 letters, digits, "_", "." and "-", first a letter, a digit or "_"',
        ),
      ),
  );
  const names = images.map(({ image }) => image);
  names
    .filter((image, i) => names.indexOf(image) !== i)
    .forEach((image) => bad(`${quoted(image)} is listed twice`, 'list it once, with all the tags that are deployed'));
}

function isPattern(pattern: string): boolean {
  try {
    return new RegExp(`^(?:${pattern})$`) instanceof RegExp;
  } catch {
    return false;
  }
}
