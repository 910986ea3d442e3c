import { ForgeError, quoted } from '../support';
import { ForgeFeature } from './product/feature';
import { ForgeProduct } from './product/product';

/**
 * Returns the directories with workflows for the repositories of an owner or of the server, checked as Gitea checks them.
 *
 * @see https://docs.gitea.com/usage/actions/scoped-workflows
 * @throws FORGE-FRG-004 for directories that the version does not read, or that Gitea refuses
 */
export function checkedScopedDirectories(
  declared: readonly string[] | undefined,
  { product, version, title }: { readonly product: ForgeProduct; readonly version?: string; readonly title: string },
): string[] | undefined {
  if (declared === undefined) {
    return undefined;
  }
  if (!product.supports(ForgeFeature.SCOPED_WORKFLOWS, version)) {
    throw ForgeError.of({
      code: 'FORGE-FRG-004',
      message: `${title} has no scoped workflows`,
      allowed: `Gitea ${product.since(ForgeFeature.SCOPED_WORKFLOWS) ?? '1.27'} or newer`,
      fix: 'remove scopedWorkflowDirectories, or upgrade the server',
    });
  }
  for (const directory of declared) {
    if (!/^[\w.-]+(?:\/[\w.-]+)*$/.test(directory) || directory.split('/').some((part) => /^\.\.?$/.test(part))) {
      throw bad(`${quoted(directory)} is no directory of a repository`, 'a relative path: `.gitea/scoped_workflows`');
    }
    const other = product.workflowDirectories.find(
      (own) => own === directory || own.startsWith(`${directory}/`) || directory.startsWith(`${own}/`),
    );
    if (other !== undefined) {
      throw bad(
        `the directory of scoped workflows ${quoted(directory)} overlaps with ${quoted(other)}`,
        'a directory beside those of the workflows of a repository',
        'the server does not start: [actions] SCOPED_WORKFLOW_DIRS entry overlaps with WORKFLOW_DIRS entry',
      );
    }
  }
  return [...declared];
}

function bad(message: string, allowed: string, symptom?: string): ForgeError {
  return ForgeError.of({ code: 'FORGE-FRG-004', message, allowed, fix: 'change scopedWorkflowDirectories', symptom });
}
