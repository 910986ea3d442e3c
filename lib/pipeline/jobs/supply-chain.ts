import { Scan, Sign, TellFlux, TellFluxProps } from '../../recipe';
import { Registry } from '../../registry';
import { ForgeError } from '../../support';
import { Access, Condition, IStepSource, Permissions, Step } from '../../workflow';
import { CatalogueImage } from '../catalogue/image-options';
import { BuildContext } from './build-steps';

/**
 * The facts of a workflow about what happens to an image after its build.
 *
 * @jsii ignore
 */
export interface SupplySettings {
  readonly context: BuildContext;
  readonly scan?: Scan;
  readonly sign?: Sign;
  readonly tellFlux?: TellFluxProps;
}

/** A build whose image is scanned and signed. */
interface BuiltImage {
  readonly build: Step;
  /** Name of the image, which can be an expression. */
  readonly image: string;
  readonly condition?: Condition;
  /** Further registries that the image was pushed to. */
  readonly mirrors?: readonly Registry[];
}

/**
 * Returns the steps that scan and then sign an image.
 *
 * @throws FORGE-PIPE-013 if the builder does not report what it pushed
 *
 * @jsii ignore
 */
export function supplySteps({ context, scan, sign }: SupplySettings, built: BuiltImage): IStepSource[] {
  if (scan === undefined && sign === undefined) {
    return [];
  }
  const reference = referenceOf(built.build);
  const { registry } = context;
  const access = (at: Registry) => {
    const { username, token } = context.logins.of(at);
    return { registry: at, username, token, if: built.condition };
  };
  const common = access(registry);
  // The image has one digest everywhere, and a signature lies beside it in each registry.
  const elsewhere = (built.mirrors ?? []).map((mirror) => ({
    ...access(mirror),
    name: `Sign at ${mirror.push.host}`,
    references: `${mirror.pushName('image').slice(0, -'image'.length)}${built.image}@${built.build.output('digest')}`,
  }));
  return [
    ...(scan ? [scan.steps({ ...common, reference, artifactName: `scan-${built.image.replace(/\//g, '-')}` })] : []),
    ...(sign ? [sign.step({ ...common, references: reference }), ...elsewhere.map((one) => sign.step(one))] : []),
  ];
}

/**
 * Returns the step that calls Flux, which is the last of a build job; undefined if nobody asked for the step.
 *
 * @param condition condition of the steps of a matrix
 *
 * @jsii ignore
 */
export function tellFluxStep({ tellFlux }: SupplySettings, condition?: Condition): Step | undefined {
  if (tellFlux === undefined) {
    return undefined;
  }
  const conditions = [condition, tellFlux.if].filter((one): one is Condition => one !== undefined);
  const [first, ...others] = conditions;
  return TellFlux.step({ ...tellFlux, if: others.length > 0 ? first.and(...others) : first });
}

/**
 * Returns the permissions of a build job: those of its login, of the scan and of the signature.
 *
 * @jsii ignore
 */
export function supplyPermissions(
  { context, scan, sign }: SupplySettings,
  images: readonly CatalogueImage[],
): Permissions | undefined {
  const { registry, logins } = context;
  const permissions = logins.permissionsFor([registry, ...images.flatMap(({ mirrors }) => mirrors ?? [])]);
  const own: Permissions = {
    ...(sign?.needsIdToken ? { idToken: Access.WRITE } : {}),
    ...(scan?.needsSecurityEvents ? { securityEvents: Access.WRITE } : {}),
  };
  return Object.keys(own).length === 0 ? permissions : { contents: Access.READ, ...permissions, ...own };
}

function referenceOf(build: Step): string {
  if ((build._content.outputs ?? []).includes('reference')) {
    return build.output('reference');
  }
  throw ForgeError.of({
    code: 'FORGE-PIPE-013',
    message: 'the builder does not report the digest that it pushed, so that the image cannot be scanned or signed',
    fix: "return the output 'reference' in buildScript: the name with the digest; or remove scan and sign",
  });
}
