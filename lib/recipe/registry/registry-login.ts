import { DockerConfigJson, Registry } from '../../registry';
import { ForgeError } from '../../support';
import { CaBundle } from '../../trust';
import { Expression, ReadyStepOptions, Step } from '../../workflow';
import { scriptOf } from '../scripts';
import { assertLogin } from './registry-access';

/** A registry with the user that a job logs in as. */
export interface LoginTarget {
  /** The registry. The job logs in at all of its endpoints. */
  readonly registry: Registry;

  /**
   * User of the registry.
   *
   * @default Expression.secret('REGISTRY_USER')
   */
  readonly username?: string;

  /**
   * Token of the user: `Expression.secret('…')`, or `Expression.JOB_TOKEN` where the registry accepts it.
   *
   * @default Expression.secret('REGISTRY_TOKEN')
   */
  readonly token?: string;
}

/** A set of properties that define the registries that a job logs in to. */
export interface RegistryLoginProps extends ReadyStepOptions {
  /** The registries, each with its user. */
  readonly targets: LoginTarget[];
}

/**
 * A step that logs in to registries for the later steps of the job. Steps of this library log in by themselves; use this
 * step before scripts of your own.
 *
 * @example
 *
 * const login = RegistryLogin.step({ targets: [{ registry }] });
 */
export class RegistryLogin {
  /**
   * Creates the login step. The credentials are in a directory of the job, which `DOCKER_CONFIG` names. Nothing is
   * written to the home directory.
   *
   * @throws FORGE-RECIPE-013 for a token in plain text, FORGE-RECIPE-016 for no registry, or two users of one host
   */
  static step(props: RegistryLoginProps): Step {
    const { targets, ...options } = props;
    const hosts = targets.map(({ registry }) => DockerConfigJson.of([registry]).hosts);
    const all = hosts.flat();
    const twice = all.find((host, i) => all.indexOf(host) !== i);
    if (targets.length === 0 || twice !== undefined) {
      throw ForgeError.of({
        code: 'FORGE-RECIPE-016',
        message: twice === undefined ? 'the login names no registry' : `two users log in to ${twice}`,
        fix:
          twice === undefined
            ? 'set targets to at least one registry'
            : 'use one target per host: a client keeps credentials by host',
      });
    }
    const env = targets.flatMap(({ username, token }, i): [string, string][] => [
      [`HOSTS_${i + 1}`, hosts[i].join(' ')],
      [`USER_${i + 1}`, username ?? Expression.secret('REGISTRY_USER')],
      [`TOKEN_${i + 1}`, assertLogin(token ?? Expression.secret('REGISTRY_TOKEN'))],
    ]);
    return Step._ready(
      {
        name: 'Log in to the registries',
        script: scriptOf('registry-login'),
        env: { COUNT: `${targets.length}`, ...Object.fromEntries(env) },
      },
      options,
    );
  }

  private constructor() {}
}

/**
 * A step that makes the programs of a job trust a private CA, in images of the Debian, Alpine, SUSE, Fedora, Red Hat and
 * Arch families.
 *
 * @example
 *
 * const trust = TrustCa.step(CaBundle.fromFile('certs/ca.crt'));
 */
export class TrustCa {
  /**
   * Creates the step. As root, the step adds the CA to the system's CAs. Otherwise, the step sets environment variables
   * for the later steps of the job.
   *
   * @param bundle the certificates, from a file: a job cannot read a ConfigMap or Secret of the cluster
   * @throws FORGE-RECIPE-016 for a bundle whose certificates are not known at synth
   */
  static step(bundle: CaBundle, options: ReadyStepOptions = {}): Step {
    if (bundle.pem === undefined) {
      throw ForgeError.of({
        code: 'FORGE-RECIPE-016',
        message: `the certificates of ${bundle.name} are in the cluster, where a job cannot read them`,
        fix: "use CaBundle.fromFile('certs/ca.crt')",
      });
    }
    const script = `CA_FILE=$(mktemp "\${RUNNER_TEMP:-/tmp}/ca-XXXXXX")\nprintf '%s\\n' "$CA_PEM" >"$CA_FILE"\n`;
    return Step._ready(
      {
        name: 'Trust the CA',
        script: `set -euo pipefail\n${script}${CaBundle.installScript}`,
        env: { CA_PEM: bundle.pem },
      },
      options,
    );
  }

  private constructor() {}
}
