import { ForgeError, quoted } from '../support';

/**
 * A shell that runs a script.
 *
 * The shell is always written into the file. Without a shell, a forge uses `bash -e` or plain `sh`, depending on where
 * the job runs.
 */
export class Shell {
  /** The bash shell, with `-e` and `pipefail`. */
  static readonly BASH = new Shell('bash');
  /** The system's `sh` shell, with `-e`, for images without bash. */
  static readonly SH = new Shell('sh');
  /** The PowerShell shell. */
  static readonly PWSH = new Shell('pwsh');
  /** The Python interpreter. */
  static readonly PYTHON = new Shell('python');

  /**
   * Creates a shell from a command that receives the script as a file.
   *
   * @param template with `{0}` where the file goes, e.g. `perl {0}`
   * @throws FORGE-WF-021 without `{0}`
   */
  static command(template: string): Shell {
    if (template.split('{0}').length === 2 && !/[\r\n]|\$\{\{/.test(template)) {
      return new Shell(template);
    }
    throw ForgeError.of({
      code: 'FORGE-WF-021',
      message: `${quoted(template)} is no shell: the file of the script goes nowhere`,
      allowed: 'Shell.BASH, SH, PWSH, PYTHON, or a command with {0} once',
      fix: "write {0} where the file goes: Shell.command('perl {0}')",
    });
  }

  private constructor(
    /** Text after `shell:` in the file. */
    readonly name: string,
  ) {}
}
