import { Command } from 'commander';
import { doctor, Finding } from './doctor';

const HELP = `
Reads the last output. It finds versions of other software with newer releases, warnings of the program, errors
that the program accepts, directories that kustomize builds slowly, and images for which Flux has never chosen a
version. The exit code is 0, and 1 with --strict if there is a finding.

Examples:
  cdk8s-forge doctor
  cdk8s-forge doctor --json
`;

const TITLES: Record<Finding['kind'], string> = {
  version: 'Versions',
  warning: 'Warnings',
  acknowledgement: 'Accepted errors',
  size: 'Sizes',
  image: 'Images',
};

/** Adds the command `doctor`. */
export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description('show what is worth a look in the program')
    .option('-o, --output <directory>', 'output directory', process.env.CDK8S_OUTDIR || 'dist')
    .option('--strict', 'exit with 1 if there is a finding')
    .option('--json', 'print the findings as JSON')
    .addHelpText('after', HELP)
    .action(({ output, strict, json }: { output: string; strict?: boolean; json?: boolean }) => {
      const findings = doctor({ outdir: output, today: Date.now() });
      process.stdout.write(json ? `${JSON.stringify(findings, null, 2)}\n` : textOf(findings));
      process.exitCode = strict && findings.length > 0 ? 1 : 0;
    });
}

function textOf(findings: readonly Finding[]): string {
  if (findings.length === 0) {
    return 'Nothing to report.\n';
  }
  return (Object.keys(TITLES) as Finding['kind'][])
    .map((kind) => findings.filter((finding) => finding.kind === kind))
    .filter((found) => found.length > 0)
    .map((found) => [`${TITLES[found[0].kind]}`, ...found.flatMap(linesOf), ''].join('\n'))
    .join('\n');
}

function linesOf({ text, fix }: Finding): string[] {
  return [`  ${text.replace(/`/g, '')}`, ...(fix === undefined ? [] : [`    fix: ${fix}`])];
}
