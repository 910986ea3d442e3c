import { IConstruct } from 'constructs';
import { SecretSource } from '../../secret';
import { DNS_SUBDOMAIN, ForgeError, quoted } from '../../support';
import { PLACEHOLDER, QUOTE, substitutedText } from './substituted-text';

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const OPT_OUT = 'kustomize.toolkit.fluxcd.io/substitute';

/** A set of sources for the values of variables. */
export interface SubstitutionProps {
  /**
   * The variables with their values. A value must not contain a line break, because Flux would remove the line break.
   *
   * @default - none
   */
  readonly values?: Record<string, string>;

  /**
   * The ConfigMaps in the Flux namespace that contain variables.
   *
   * @default - none
   */
  readonly configMaps?: string[];

  /**
   * The Secrets that contain variables.
   *
   * @default - none
   */
  readonly secrets?: SecretSource[];
}

/**
 * A set of variables that Flux substitutes in manifests when Flux applies them. Use variables for values that differ
 * between clusters or are in no repository.
 *
 * Use `variable(name)` in any string. The string stays a string, also if the value is a number or a boolean. All other
 * text stays unchanged, including `${` and `$$`, for example in a script in a ConfigMap. As required, such an object is
 * excluded from Flux's substitution, or its text is escaped.
 *
 * @see https://fluxcd.io/flux/components/kustomize/kustomizations/#post-build-variable-substitution
 *
 * @example
 *
 * const variables = Substitution.of({ values: { DOMAIN: 'example.com' } });
 * const host = `git.${variables.variable('DOMAIN')}`;
 */
export class Substitution {
  /**
   * Creates a substitution with variables from the given sources. Flux loads the ConfigMaps first, then the Secrets, and
   * a later source takes precedence. Inline `values` override the values of both.
   *
   * @throws FORGE-FLUX-024 for a name or a value that Flux cannot take
   */
  static of(props: SubstitutionProps): Substitution {
    for (const [name, value] of Object.entries(props.values ?? {})) {
      checkedName(name);
      if (/[\r\n]/.test(value)) {
        throw refused(
          `the value of ${quoted(name)} has more than one line`,
          'a single line',
          'put the text where it is used',
        );
      }
    }
    const wrong = props.configMaps?.find((name) => !DNS_SUBDOMAIN.test(name));
    if (wrong !== undefined) {
      throw refused(
        `${quoted(wrong)} is not the name of a ConfigMap`,
        'a-z, 0-9, "-" and "."',
        'give the name of a ConfigMap',
      );
    }
    return new Substitution({
      values: { ...props.values },
      configMaps: [...(props.configMaps ?? [])],
      secrets: [...(props.secrets ?? [])],
    });
  }

  private constructor(private readonly props: Required<SubstitutionProps>) {}

  /**
   * Returns a placeholder text for the variable, for use as a complete string or inside other text.
   *
   * @throws FORGE-FLUX-024 for what is no name, or a name that has no value
   */
  variable(name: string): string {
    checkedName(name);
    const { values, configMaps, secrets } = this.props;
    if (!Object.hasOwn(values, name) && configMaps.length === 0 && secrets.length === 0) {
      throw refused(
        `the variable ${quoted(name)} has no value`,
        Object.keys(values).join(', ') || 'none yet',
        'add it to `values`',
      );
    }
    return `<variable:${name}>`;
  }

  /**
   * Returns the value of a variable, or undefined if only the cluster knows the value.
   *
   * @throws FORGE-FLUX-024 for a variable that the cluster does not have
   * @internal
   */
  _valueOf(name: string): string | undefined {
    const { values, configMaps, secrets } = this.props;
    if (Object.hasOwn(values, name)) {
      return values[name];
    }
    if (configMaps.length > 0 || secrets.length > 0) {
      return undefined;
    }
    throw refused(
      `the variable ${quoted(name)} is of another Substitution, and the cluster has no value for it`,
      Object.keys(values).join(', ') || 'none yet',
      'add it to the Substitution of the cluster',
    );
  }

  /**
   * Returns the variables in the format of a Kustomization's spec.
   *
   * @internal
   */
  _render(construct: IConstruct): object {
    const { values, configMaps, secrets } = this.props;
    const from = [
      ...configMaps.map((name) => ({ kind: 'ConfigMap', name })),
      ...secrets.map((secret) => ({
        kind: 'Secret',
        name: secret.provide(construct, {
          purpose: 'Flux puts its entries in the place of variables',
          type: 'Opaque',
          keys: [],
        }),
      })),
    ];
    return {
      ...(Object.keys(values).length > 0 ? { substitute: { ...values } } : {}),
      ...(from.length > 0 ? { substituteFrom: from } : {}),
    };
  }
}

/**
 * Returns a rendered object in the form required in a directory whose Kustomization substitutes variables. The object
 * contains `${NAME}` for each variable. All other content is the same after Flux's substitution.
 *
 * @throws FORGE-FLUX-024 for a variable that the cluster does not have, or a value that the text cannot contain
 * @jsii ignore
 */
export function readyForSubstitution(
  manifest: Record<string, unknown>,
  substitution: Substitution,
): Record<string, unknown> {
  const texts = JSON.stringify(manifest);
  const hasVariable = texts.includes('<variable:');
  // Flux reads `${` and `$$`; a single `$` means nothing to it.
  if (!hasVariable) {
    return /\$[{$]/.test(texts) ? optedOut(manifest) : manifest;
  }
  const valueOf = (name: string) => substitution._valueOf(name);
  return mapped(manifest, (text) => substitutedText(text, valueOf)) as Record<string, unknown>;
}

/**
 * Rejects a text with a variable in a place where Flux does not substitute variables.
 *
 * @throws FORGE-FLUX-024
 * @jsii ignore
 */
export function assertNoVariable(text: string): void {
  const [variable] = text.includes('<variable:') ? [...text.matchAll(PLACEHOLDER)] : [];
  if (variable === undefined) {
    return;
  }
  throw ForgeError.of({
    code: 'FORGE-FLUX-024',
    message: `the variable ${quoted(variable[1])} is used where Flux puts no variables in place`,
    fix: "give the Substitution to the object's cluster: new Cluster(app, …, { substitution })",
  });
}

function optedOut(manifest: Record<string, unknown>): Record<string, unknown> {
  const metadata = (manifest.metadata ?? {}) as Record<string, unknown>;
  return {
    ...manifest,
    metadata: { ...metadata, annotations: { ...(metadata.annotations as object | undefined), [OPT_OUT]: 'disabled' } },
  };
}

function mapped(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') {
    return change(value);
  }
  if (Array.isArray(value)) {
    return value.map((item) => mapped(item, change));
  }
  if (value === null || typeof value !== 'object') {
    return value;
  }
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [change(key), mapped(item, change)]));
}

function checkedName(name: string): void {
  if (NAME.test(name) && name !== QUOTE) {
    return;
  }
  throw refused(
    `${quoted(name)} cannot name a variable`,
    `letters, digits and "_", the first no digit; not ${QUOTE}`,
    'use a name such as DOMAIN',
  );
}

function refused(message: string, allowed: string, fix: string): ForgeError {
  return ForgeError.of({
    code: 'FORGE-FLUX-024',
    message,
    allowed,
    fix,
    symptom: 'envsubst error: variable substitution failed',
  });
}
