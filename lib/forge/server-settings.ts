import { Size } from 'cdk8s';
import { checkConstruction, ForgeError, quoted } from '../support';
import { Forge } from './forge';
import { ForgeFeature } from './product/feature';
import { detectionFeature } from './product/public-url-detection';

/** A set of options that adds settings to those derived from the forge. */
export interface ServerSettingsProps {
  /**
   * Maximum size of a layer that the registry accepts.
   *
   * @default - no limit
   */
  readonly layerLimit?: Size;

  /**
   * Maximum total size of one owner's packages.
   *
   * @default - no limit
   */
  readonly ownerLimit?: Size;

  /**
   * Number of times that a run can be started again; Gitea 1.27 and newer.
   *
   * @default - 50, the server's own default
   */
  readonly maxRerunAttempts?: number;
}

/** Settings by section, with the server's own names. */
type Sections = Record<string, Record<string, string>>;

/**
 * A set of Gitea or Forgejo server settings that the rest of the cdk8s app relies on. The settings enable packages and
 * Actions, define the server's address, and define how clients get a token. Three output formats are available; use the
 * format that fits your deployment.
 *
 * There is no setting for the container registry only: the registry is enabled when packages are enabled.
 *
 * @see https://docs.gitea.com/administration/config-cheat-sheet
 *
 * @example
 *
 * new ServerSettings(gitea, { layerLimit: Size.gibibytes(10) }).appIni;
 */
export class ServerSettings {
  private readonly sections: Sections;
  private readonly prefix: string;

  /**
   * @throws FORGE-FRG-009 for GitHub, which is not yours to set, FORGE-FRG-004 for a setting that the version does not know
   */
  constructor(forge: Forge, props: ServerSettingsProps = {}) {
    checkConstruction(ServerSettings, new.target, arguments);
    const { settingsPrefix } = forge.product;
    if (settingsPrefix === undefined) {
      throw ForgeError.of({
        code: 'FORGE-FRG-009',
        message: `a server of ${forge.product.title} has no settings here`,
        allowed: 'Gitea and Forgejo',
        fix: 'leave the settings out',
      });
    }
    this.prefix = settingsPrefix;
    this.sections = sectionsOf(forge, props);
  }

  /** Settings as a fragment of `app.ini`. */
  get appIni(): string {
    return Object.entries(this.sections)
      .map(([section, entries]) =>
        [`[${section}]`, ...Object.entries(entries).map(([key, value]) => `${key} = ${value}`), ''].join('\n'),
      )
      .join('\n');
  }

  /** Settings as environment variables of the container, for example `GITEA__packages__ENABLED`. */
  get environment(): Record<string, string> {
    return Object.fromEntries(
      Object.entries(this.sections).flatMap(([section, entries]) =>
        Object.entries(entries).map(([key, value]) => [
          `${this.prefix}__${section.replace(/\./g, '_0X2E_')}__${key}`,
          value,
        ]),
      ),
    );
  }

  /** Settings as values of the Helm chart: `gitea.config.<section>.<KEY>`. */
  get helmValues(): Record<string, Record<string, Record<string, Record<string, string>>>> {
    const config = Object.fromEntries(
      Object.entries(this.sections).map(([section, entries]) => [section, { ...entries }]),
    );
    return { gitea: { config } };
  }
}

function sectionsOf(forge: Forge, props: ServerSettingsProps): Sections {
  const server: Record<string, string> = { ROOT_URL: `${forge.url}/` };
  if (forge.ssh) {
    Object.assign(server, { SSH_DOMAIN: forge.ssh.host, SSH_PORT: String(forge.ssh.port) });
  }
  // Written only where the server knows it; elsewhere it does the same without being told.
  if (forge.supports(detectionFeature(forge.publicUrlDetection))) {
    server.PUBLIC_URL_DETECTION = forge.publicUrlDetection;
  }
  const packages: Record<string, string> = { ENABLED: 'true' };
  if (props.layerLimit) {
    packages.LIMIT_SIZE_CONTAINER = `${props.layerLimit.toKibibytes()} KiB`;
  }
  if (props.ownerLimit) {
    packages.LIMIT_TOTAL_OWNER_SIZE = `${props.ownerLimit.toKibibytes()} KiB`;
  }
  const actions: Record<string, string> = { ENABLED: 'true' };
  if (forge.actionsSource) {
    actions.DEFAULT_ACTIONS_URL = forge.actionsSource._setting(
      forge.url,
      forge.supports(ForgeFeature.ACTIONS_URL_KEYWORDS),
    );
  }
  if (forge.scopedWorkflowDirectories) {
    // An empty value keeps the server's default.
    actions.SCOPED_WORKFLOW_DIRS = forge.scopedWorkflowDirectories.join(', ') || ', ,';
  }
  if (props.maxRerunAttempts !== undefined) {
    actions.MAX_RERUN_ATTEMPTS = String(checkedAttempts(forge, props.maxRerunAttempts));
  }
  return { server, packages, actions };
}

function checkedAttempts(forge: Forge, attempts: number): number {
  if (!forge.supports(ForgeFeature.RERUN_LIMIT)) {
    throw ForgeError.of({
      code: 'FORGE-FRG-004',
      message: `${forge.title} has no limit of attempts for a run`,
      allowed: 'Gitea 1.27 or newer',
      fix: 'remove maxRerunAttempts, or upgrade the server',
    });
  }
  if (!Number.isInteger(attempts) || attempts < 1 || attempts > 1_000_000) {
    throw ForgeError.of({
      code: 'FORGE-FRG-004',
      message: `maxRerunAttempts is ${quoted(attempts)}`,
      allowed: 'a whole number from 1 to 1000000: for less, Gitea uses 50',
      fix: 'change maxRerunAttempts',
    });
  }
  return attempts;
}
