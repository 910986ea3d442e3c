import { Dialect } from '../forge';
import { ForgeError, quoted } from '../support';
import { WorkflowBase } from './workflow-base';

/** Workflow directory of each repository of an app. */
const DIRECTORIES = new WeakMap<object, Map<string, { readonly directory: string; readonly path: string }>>();

/** Workflow files of each repository of an app, in lower case, with the path of the construct. */
const FILES = new WeakMap<object, Map<string, string>>();

/**
 * Throws an error unless the forge reads the file. The check covers the file name, the directory, and other directories
 * of the repository that take precedence.
 *
 * @jsii ignore
 */
export function checkPlace(workflow: WorkflowBase, dialect: Dialect, directory: string): void {
  const { fileName, repository, node } = workflow;
  const known = dialect.workflowDirectories;
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*\.yml$/.test(fileName)) {
    throw ForgeError.at(workflow, {
      code: 'FORGE-WF-035',
      message: `${quoted(fileName)} cannot name a workflow file`,
      allowed: 'letters, digits, ".", "_" and "-", ending in ".yml"',
      fix: `use a name such as build.yml${fileName.endsWith('.yaml') ? ': the cdk8s CLI takes every .yaml for a manifest' : ''}`,
    });
  }
  const key = `${repository.forge.url} ${repository.fullName}`;
  if (dialect.scopedWorkflowDirectories.includes(directory)) {
    // Neither hides nor is hidden: the repository's own workflows are beside it.
    checkFile(workflow, `${key} ${directory}/${fileName}`.toLowerCase());
    return;
  }
  if (!known.includes(directory)) {
    throw ForgeError.at(workflow, {
      code: 'FORGE-WF-035',
      message: `${dialect.name} does not look for workflows in ${quoted(directory)}`,
      allowed: [...known, ...dialect.scopedWorkflowDirectories].join(', '),
      fix: 'leave `directory` out',
    });
  }
  const repositories = DIRECTORIES.get(node.root) ?? new Map();
  DIRECTORIES.set(node.root, repositories);
  const other = repositories.get(key);
  if (other && other.directory !== directory) {
    const [hiding, hidden] = [other.directory, directory].sort((a, b) => known.indexOf(a) - known.indexOf(b));
    throw ForgeError.at(workflow, {
      code: 'FORGE-WF-043',
      message: `${quoted(repository.fullName)} has workflows in ${quoted(other.directory)} (${other.path}) and in ${quoted(directory)}: ${hiding} hides ${hidden}`,
      fix: 'put them into one folder: leave `directory` out',
      symptom: 'the workflow is not listed and never runs',
    });
  }
  repositories.set(key, { directory, path: node.path });
  checkFile(workflow, `${key} ${directory}/${fileName}`.toLowerCase());
}

/** Throws an error if another workflow of the repository has the file. */
function checkFile(workflow: WorkflowBase, key: string): void {
  const files = FILES.get(workflow.node.root) ?? new Map<string, string>();
  FILES.set(workflow.node.root, files);
  const other = files.get(key);
  if (other === undefined) {
    files.set(key, workflow.node.path);
    return;
  }
  throw ForgeError.at(workflow, {
    code: 'FORGE-WF-035',
    message: `${quoted(workflow.fileName)} of ${quoted(workflow.repository.fullName)} is also the file of workflow ${quoted(other)}`,
    fix: 'set another fileName; case makes no difference',
    symptom: 'one file overwrites the other',
  });
}
