import { ApiObject, Chart, JsonPatch } from 'cdk8s';
import { Construct } from 'constructs';
import type * as kyverno from '../../../imports/policies.kyverno.io';
import type { ClusterImagePolicySpec } from '../../../imports/policy.sigstore.dev';
import { constructed, ForgeError, handedOver, objectName, quoted } from '../../support';
import { SignatureFormat, Signer, SignerKind } from '../../trust';
import { fullHubName, hubNames } from '../access/docker-hub';
import { isPlainHost } from '../access/plain-host';
import { pullSecret } from '../client/docker-config';
import { Registry } from '../registry';

/** The programs of a cluster that verify signatures when a pod starts. */
export enum SignaturePolicyEngine {
  /** Kyverno 1.17 or newer, with an `ImageValidatingPolicy`. */
  KYVERNO = 'kyverno',
  /** The policy-controller of Sigstore, with a `ClusterImagePolicy`. */
  POLICY_CONTROLLER = 'policy-controller',
}

/** The effects of an image without a valid signature. */
export enum SignaturePolicyMode {
  /** The pod does not start. */
  ENFORCE = 'enforce',
  /** The pod starts, and a warning says that the signature is missing. */
  WARN = 'warn',
}

/** A set of properties that define which images a cluster accepts only with a signature. */
export interface SignedImagesProps {
  /** The registry. The policy names images as nodes pull them. */
  readonly registry: Registry;

  /** Names of the images in the registry, without host and owner. */
  readonly images: string[];

  /** The signer whose signature an image needs. */
  readonly signer: Signer;

  /** The program that verifies signatures. Install the program and its CRDs yourself. */
  readonly engine: SignaturePolicyEngine;

  /**
   * Format of the signatures.
   *
   * @default - `LEGACY` for a key, `BUNDLE` for a keyless signer
   */
  readonly format?: SignatureFormat;

  /**
   * Effect of an image without a valid signature.
   *
   * @default SignaturePolicyMode.ENFORCE
   */
  readonly mode?: SignaturePolicyMode;
}

/**
 * A policy of the cluster that accepts images of a registry only with the signature of a signer.
 *
 * The policy looks at pods, so that no manifest that Flux applied is changed. Kyverno writes the digest that it verified
 * into the pod. Policy-controller looks at namespaces with the label `policy.sigstore.dev/include: "true"` only.
 *
 * @see https://kyverno.io/docs/policy-types/image-validating-policy/
 * @see https://docs.sigstore.dev/policy-controller/overview/
 *
 * @example
 *
 * new SignedImages(chart, 'signed', { registry, images: ['hello'], signer: Signer.keyFile('cosign.pub'), engine: SignaturePolicyEngine.KYVERNO });
 */
export class SignedImages extends Construct {
  /** The emitted object, for settings that this construct has no option for. */
  readonly apiObject: ApiObject;

  /**
   * @throws FORGE-REG-021 for no images, or for a registry or signature that the program cannot verify; FORGE-REG-002 for
   * an image name that is not allowed
   */
  constructor(scope: Construct, id: string, props: SignedImagesProps) {
    const made = constructed(SignedImages, new.target, arguments);
    if (made) {
      handedOver();
      return made!;
    }
    super(scope, id);
    this.check(props);
    const manifest = props.engine === SignaturePolicyEngine.KYVERNO ? this.kyverno(props) : policyController(props);
    this.apiObject = new ApiObject(this, 'Resource', { ...manifest, metadata: { name: objectName(this) } });
    if (Chart.of(this).namespace !== undefined) {
      // The policy is for the whole cluster.
      this.apiObject.addJsonPatch(JsonPatch.remove('/metadata/namespace'));
    }
  }

  private check(props: SignedImagesProps): void {
    const { images, engine, registry, signer } = props;
    if (images.length === 0) {
      throw this.refused('the policy names no image', "set images to names of the registry, for example ['hello']");
    }
    if (engine !== SignaturePolicyEngine.POLICY_CONTROLLER) {
      return;
    }
    if (registry.pull.trust.isPlainHttp && !isPlainHost(registry.pull.host)) {
      throw this.refused(
        `policy-controller reads ${quoted(registry.pull.host)} over HTTPS only, and nodes pull from there over HTTP`,
        'use SignaturePolicyEngine.KYVERNO, or let nodes pull over HTTPS',
        'http: server gave HTTP response to HTTPS client',
      );
    }
    if (signer.kind === SignerKind.KEY && formatOf(props) === SignatureFormat.BUNDLE) {
      throw this.refused(
        'policy-controller verifies signatures of a key in the legacy format only',
        'set format to SignatureFormat.LEGACY, where the image is signed too, or use SignaturePolicyEngine.KYVERNO',
        'when using the new bundle format, the authority must be keyless',
      );
    }
  }

  private refused(message: string, fix: string, symptom?: string): ForgeError {
    return ForgeError.at(this, { code: 'FORGE-REG-021', message, fix, symptom });
  }

  private kyverno(props: SignedImagesProps) {
    const { registry, signer, mode = SignaturePolicyMode.ENFORCE } = props;
    const namespace = Chart.of(this).namespace;
    const secret = namespace === undefined ? undefined : pullSecret(this, registry, namespace);
    const credentials = {
      ...(registry.pull.trust.isPlainHttp ? { allowInsecureRegistry: true } : {}),
      ...(secret === undefined ? {} : { secrets: [`${namespace}/${secret}`] }),
    };
    const [action, failure] = mode === SignaturePolicyMode.ENFORCE ? ['Deny', 'Fail'] : ['Warn', 'Ignore'];
    const signed = (list: string): string => `images.${list}.map(image, ${VERIFIES}).all(e, e > 0)`;
    return {
      apiVersion: 'policies.kyverno.io/v1beta1',
      kind: 'ImageValidatingPolicy',
      spec: {
        validationActions: [action as string as kyverno.ImageValidatingPolicySpecValidationActions],
        failurePolicy: failure as string as kyverno.ImageValidatingPolicySpecFailurePolicy,
        webhookConfiguration: { timeoutSeconds: 20 },
        matchConstraints: {
          resourceRules: [
            { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['pods'] },
          ],
        },
        // Pods only: an object that Flux applies is not changed.
        autogen: { podControllers: { controllers: [] } },
        // Kyverno compares the text of a pod, before any name is completed.
        matchImageReferences: namesOf(props)
          .flatMap(hubNames)
          .flatMap((name) => [name, `${name}:*`, `${name}@*`].map((glob) => ({ glob }))),
        ...(Object.keys(credentials).length > 0 ? { credentials } : {}),
        validationConfigurations: {
          mutateDigest: mode === SignaturePolicyMode.ENFORCE,
          verifyDigest: false,
          required: false,
        },
        attestors: [{ name: 'signer', cosign: cosignOf(signer) }],
        validations: ['containers', 'initContainers', 'ephemeralContainers'].map((list) => ({
          expression: signed(list),
          message: `an image of ${registry.pull.host} has no valid signature`,
        })),
      } satisfies kyverno.ImageValidatingPolicySpec,
    };
  }
}

const VERIFIES = 'verifyImageSignatures(image, [attestors.signer])';
const REKOR = 'https://rekor.sigstore.dev';
const FULCIO = 'https://fulcio.sigstore.dev';

function namesOf({ registry, images }: SignedImagesProps): string[] {
  return [...new Set(images.map((image) => registry.pullName(image)))];
}

function formatOf({ format, signer }: SignedImagesProps): SignatureFormat {
  return format ?? signer._defaultFormat;
}

function identityOf({ issuer, subject }: Signer) {
  return { issuer, subjectRegExp: subject };
}

function cosignOf(signer: Signer): object {
  return signer.kind === SignerKind.KEY
    ? { key: { data: signer.publicKey }, ctlog: { insecureIgnoreTlog: true, insecureIgnoreSCT: true } }
    : { keyless: { identities: [identityOf(signer)] }, ctlog: { url: REKOR } };
}

function policyController(props: SignedImagesProps) {
  const { signer, mode = SignaturePolicyMode.ENFORCE } = props;
  const authority =
    signer.kind === SignerKind.KEY
      ? { key: { data: signer.publicKey, hashAlgorithm: 'sha256' } }
      : { keyless: { url: FULCIO, identities: [identityOf(signer)] }, ctlog: { url: REKOR } };
  return {
    apiVersion: 'policy.sigstore.dev/v1beta1',
    kind: 'ClusterImagePolicy',
    spec: {
      mode: mode === SignaturePolicyMode.ENFORCE ? 'enforce' : 'warn',
      images: namesOf(props)
        .map(fullHubName)
        .flatMap((name) => [`${name}:*`, `${name}@*`].map((glob) => ({ glob }))),
      authorities: [{ name: 'signer', ...authority, signatureFormat: formatOf(props) }],
    } satisfies ClusterImagePolicySpec,
  };
}
