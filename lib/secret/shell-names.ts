import { quoted } from '../support';
import { noSource, shown } from './secret-errors';

/** The environment variables that decide what a shell, or the loader of programs, does. */
const NAMES = [
  'CDPATH DIRSTACK ENV EUID FCEDIT FIGNORE FUNCNAME FUNCNEST GLOBIGNORE GROUPS HOME HOSTNAME HOSTTYPE IFS INPUTRC LANG LANGUAGE LINENO',
  'MACHTYPE MAIL MAILCHECK MAILPATH MAPFILE OLDPWD OPTARG OPTERR OPTIND OSTYPE PATH PIPESTATUS POSIXLY_CORRECT PPID',
  'PROMPT_COMMAND PROMPT_DIRTRIM PS0 PS1 PS2 PS3 PS4 PWD RANDOM READLINE_LINE READLINE_POINT REPLY SECONDS SHELLOPTS SHLVL',
  'SRANDOM TERM TIMEFORMAT TMOUT TMPDIR TZ UID ZDOTDIR BASH BASHOPTS BASHPID COPROC EPOCHREALTIME EPOCHSECONDS EXECIGNORE _',
].flatMap((line) => line.split(' '));

/** The beginnings of such names. */
const PREFIXES = /^(BASH_|COMP_|DYLD_|GLIBC_|HIST|LC_|LD_|MALLOC_|NLSPATH$|XDG_|SUDO_)/;

/**
 * Rejects what is not the name of an environment variable, and the name of a variable that the shell or the loader reads: the runbook reads
 * a value into the variable, and removes the variable afterwards.
 *
 * @throws FORGE-SEC-006 for such a name
 */
export function checkVariables(names: readonly string[]): void {
  const wrong = names.filter((name) => !/^[A-Z_][A-Z0-9_]*$/.test(name));
  if (names.length === 0 || wrong.length > 0) {
    throw noSource(
      `${wrong.length > 0 ? wrong.map(shown).join(', ') : 'nothing'} is not the name of an environment variable`,
      "give names such as 'REGISTRY_TOKEN', never values",
    );
  }
  const bad = names.filter((name) => NAMES.includes(name) || PREFIXES.test(name));
  if (bad.length > 0) {
    throw noSource(
      `${bad.map(quoted).join(', ')} is a variable of the shell or of the loader of programs, and would lose its value`,
      "use a name of your own, such as 'RUNNER_TOKEN'",
    );
  }
}
