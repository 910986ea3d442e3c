import { IConstruct } from 'constructs';
import { Advice, Check, command, namespaceOf, prints } from '../../support';
import { registryChecks } from '../advice';
import { registrySymptoms } from '../symptoms';
import { RegistryRetentionProps } from './props';

/** Returns the runbook advice for operators of a registry whose old tags are deleted. */
export function retentionAdvice(
  retention: IConstruct & { readonly name: string },
  { registry, images, dryRun = true }: RegistryRetentionProps,
): Advice {
  const { name } = retention;
  const kubectl = command`kubectl --namespace ${namespaceOf(retention)}`;
  const about = `Retention \`${name}\``;
  const job = `${name}-now`;
  const pages = images.map(({ image }): Check => {
    const url = registry.packageUrl(image);
    return {
      about,
      title: `[\`${image}\`](${url})`,
      good: 'the page has the tags, their sizes and the command that pulls',
    };
  });
  return {
    byHand: [
      {
        title: `Old packages: \`${name}\``,
        text: dryRun
          ? 'The CronJob deletes nothing: it prints what it would delete. Run it now, read the lines `would delete`, then set `dryRun: false`. **Deleted tags do not come back.**'
          : '**The CronJob deletes tags, which do not come back.** Run it now:',
        commands: [
          command`${kubectl} delete job ${job} --ignore-not-found`,
          command`${kubectl} create job ${job} --from=${`cronjob/${name}`}`,
          command`${kubectl} wait ${`job/${job}`} --for condition=Complete --timeout 10m`,
          command`${kubectl} logs ${`job/${job}`}`,
        ],
      },
    ],
    checks: [
      {
        about,
        title: 'The CronJob is there',
        good: 'the name of the CronJob',
        commands: [command`${kubectl} get cronjob ${name} --output name`],
        expect: prints(`cronjob.batch/${name}`),
      },
      ...pages,
      ...registryChecks(registry),
    ],
    symptoms: registrySymptoms(registry),
  };
}
