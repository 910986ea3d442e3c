import * as fs from 'node:fs';
import * as path from 'node:path';
import { buildSync } from 'esbuild';
import { temporaryFolder } from '../support/workspace';

/**
 * GitHub's own workflow parser and expression evaluator.
 *
 * Both are ES modules that plain Node 20 does not load (actions/languageservices#387), so they are bundled first.
 */
const SOURCE = `
export { convertWorkflowTemplate, parseWorkflow } from '@actions/workflow-parser';
export { TemplateContext, TemplateValidationErrors } from '@actions/workflow-parser/templates/template-context';
export { JSONObjectReader } from '@actions/workflow-parser/templates/json-object-reader';
export { TemplateSchema } from '@actions/workflow-parser/templates/schema/index';
export { NoOperationTraceWriter } from '@actions/workflow-parser/templates/trace-writer';
export { getWorkflowSchema } from '@actions/workflow-parser/workflows/workflow-schema';
export { data, Evaluator, Lexer, Parser } from '@actions/expressions';
import schema from '@actions/workflow-parser/workflow-v1.0.min.json';
export { schema };
`;

interface Definition {
  readonly context?: string[];
  readonly 'allowed-values'?: string[];
  readonly mapping?: { readonly properties?: Record<string, unknown> };
}

/* eslint-disable @typescript-eslint/no-explicit-any -- the packages are loaded from a bundle, without their types */
interface Official {
  readonly parseWorkflow: any;
  readonly convertWorkflowTemplate: any;
  readonly TemplateContext: any;
  readonly TemplateValidationErrors: any;
  readonly JSONObjectReader: any;
  readonly TemplateSchema: any;
  readonly NoOperationTraceWriter: any;
  readonly data: any;
  readonly Evaluator: any;
  readonly Lexer: any;
  readonly Parser: any;
  readonly schema: { readonly definitions: Record<string, Definition> };
}

function load(): Official {
  const file = path.join(temporaryFolder(), 'official.cjs');
  // The package exports its modules only, not the schema beside them.
  const plugins = SOURCE.replace("'@actions/workflow-parser/workflow-v1.0.min.json'", JSON.stringify(schemaFile()));
  buildSync({
    stdin: { contents: plugins, resolveDir: path.join(__dirname, '..', '..') },
    outfile: file,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    logLevel: 'error',
  });
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- a bundle of this moment has no import
  return require(file);
}

function schemaFile(): string {
  const folders = [
    path.join(__dirname, '..', '..', 'node_modules'),
    ...(process.env.NODE_PATH ?? '').split(path.delimiter),
  ];
  const file = folders
    .map((folder) => path.join(folder, '@actions/workflow-parser/dist/workflow-v1.0.min.json'))
    .find((candidate) => fs.existsSync(candidate));
  if (!file) {
    throw new Error('@actions/workflow-parser is not installed');
  }
  return file;
}

export const official = load();

/** The schema with \`gitea\` beside \`github\`, as Gitea has it. */
function schemaWithGitea(): unknown {
  const definitions = structuredClone(official.schema) as { definitions: Record<string, { context?: string[] }> };
  for (const definition of Object.values(definitions.definitions)) {
    if (definition.context?.includes('github')) {
      definition.context.push('gitea');
    }
  }
  return official.TemplateSchema.load(new official.JSONObjectReader(undefined, JSON.stringify(definitions)));
}

const schema = schemaWithGitea();

/** What the official parser has against a workflow file; empty if nothing. */
export async function officialErrors(name: string, content: string): Promise<string[]> {
  const context = new official.TemplateContext(
    new official.TemplateValidationErrors(),
    schema,
    new official.NoOperationTraceWriter(),
  );
  // GitHub's parser knows background steps, but its editors hide them so far.
  const featureFlags = { isEnabled: (feature: string) => feature === 'allowBackgroundSteps' };
  context.state.featureFlags = featureFlags;
  const { value } = official.parseWorkflow({ name, content }, context);
  if (value) {
    await official.convertWorkflowTemplate(context, value, undefined, { errorPolicy: 0, featureFlags });
  }
  return context.errors.getErrors().map((error: { message: string }) => error.message);
}

/** What an expression comes to. The job is successful so far, unless `status` says otherwise. */
export function evaluated(
  expression: string,
  contexts: Record<string, unknown>,
  status: Record<string, boolean> = { success: true },
): unknown {
  const functions = ['always', 'success', 'failure', 'cancelled'].map((name) => ({
    name,
    description: '',
    minArgs: 0,
    maxArgs: 0,
    call: () => new official.data.BooleanData(name === 'always' || status[name] === true),
  }));
  const { tokens } = new official.Lexer(expression).lex();
  const tree = new official.Parser(tokens, Object.keys(contexts), functions).parse();
  const dictionary = JSON.parse(JSON.stringify(contexts), official.data.reviver);
  const result = new official.Evaluator(tree, dictionary, new Map(functions.map((f) => [f.name, f]))).evaluate();
  return result.coerceString
    ? result.kind === official.data.Kind.Boolean
      ? result.value
      : result.coerceString()
    : result;
}
