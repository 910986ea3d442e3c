import { Repository } from '../../forge';
import { scriptText } from '../../support';
import { Expression, JobTool, Step } from '../../workflow';

/** The circumstances of a delivery from CI. */
interface DeliverStepOptions {
  /** The repository of the program. */
  readonly repository: Repository;
  /** The output directory. */
  readonly output: string;
  /** The name of the Actions secret with the token. */
  readonly secret: string;
}

/**
 * Returns the step that delivers the committed files. The step holds a token for other repositories, and runs no code of its
 * own repository: the files are data, and the program is the text of the step.
 */
export function deliverStep({ repository, output, secret }: DeliverStepOptions): Step {
  const { forge } = repository;
  return Step.run({
    name: 'Deliver',
    script: [
      'work=$(mktemp -d)',
      `trap 'rm -rf "$work"' EXIT`,
      `cat > "$work/deliver.mjs" <<'PROGRAM'`,
      scriptText(__dirname, 'deliver.mjs').trimEnd(),
      'PROGRAM',
      '# Nothing that another job left in the environment reaches the program.',
      'export PLAN_FILE=$PWD/$OUTPUT/.cdk8s-forge.json TEXTS_FOLDER=$PWD/$OUTPUT/repositories',
      'cd "$work"',
      'env -u NODE_OPTIONS -u NODE_PATH HOME="$work" node deliver.mjs',
    ].join('\n'),
    env: {
      API_URL: forge.product.apiUrl(forge.internalUrl, '').replace(/\/$/, ''),
      FORGE_URL: forge.url,
      OUTPUT: output,
      PRODUCT: forge.product.name,
      SOURCE: repository.fullName,
      TOKEN: Expression.secret(secret),
    },
    tools: [JobTool.NODE],
  });
}
