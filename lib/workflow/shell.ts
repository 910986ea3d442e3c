import { ForgeError, quoted } from '../support';

/**
 * What runs a script.
 *
 * It is always written into the file: without it a forge takes `bash -e` or plain `sh`, by where the job runs.
 */
export class Shell {
  /** bash with `-e` and `pipefail`. */
  static readonly BASH = new Shell('bash');
  /** The system's `sh`, with `-e`; for images without bash. */
  static readonly SH = new Shell('sh');
  /** PowerShell. */
  static readonly PWSH = new Shell('pwsh');
  /** Python. */
  static readonly PYTHON = new Shell('python');

  /**
   * A command that is given the script as a file.
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
    /** As it stands after `shell:`. */
    readonly name: string,
  ) {}
}
