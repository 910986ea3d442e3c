import { Construct } from 'constructs';
import { ActionsSecret, Repository } from '../../forge';
import { SignedImages } from '../../registry';
import { ForgeError, literalPattern, quoted } from '../../support';
import { SignatureFormat, Signer, SignerKind } from '../../trust';
import { Expression, JobTool, Step } from '../../workflow';
import { isSecret } from '../credential';
import { assertLogin, registryAccess } from '../registry/registry-access';
import { scriptOf } from '../scripts';
import { AttestProps, CosignOptions, KeylessOptions, SignImageProps, VerifiedImagesProps } from './sign-props';

interface StepParts {
  readonly name: string;
  readonly script: string;
  readonly env: Record<string, string>;
}

interface Credentials {
  readonly privateKey?: string;
  readonly password?: string;
}

/**
 * A way to sign images after a build, and to verify the signatures where the images are deployed.
 *
 * An image is signed by its digest only, so that the signature is for the image that was built. A signature with a key is
 * not sent to a public transparency log. After signing, the step verifies with the committed public key.
 *
 * @example
 *
 * const sign = Sign.cosign(Signer.keyFile('cosign.pub'));
 * const build = BuildctlBuild.step({ registry, image: 'hello', context: '.', dockerfile: 'Dockerfile' });
 * workflow.addJob('build', { runsOn: runner, steps: [Checkout.git(), build, sign.step({ references: build.output('reference'), registry })] });
 */
export class Sign {
  /**
   * Creates a way to sign with a key pair. `cosign generate-key-pair` creates it: commit `cosign.pub`, and store the text
   * of `cosign.key` and the password as secrets of the forge.
   *
   * @param signer the public key: `Signer.keyFile('cosign.pub')`
   * @throws FORGE-RECIPE-013 for a private key or password in plain text, FORGE-RECIPE-014 for a signer without a key
   */
  static cosign(signer: Signer, options: CosignOptions = {}): Sign {
    if (signer.kind !== SignerKind.KEY) {
      throw refused(
        'the signer has no public key',
        "pass Signer.keyFile('cosign.pub'), or use Sign.keyless(repository)",
      );
    }
    const { privateKey = Expression.secret('COSIGN_PRIVATE_KEY'), password = Expression.secret('COSIGN_PASSWORD') } =
      options;
    const format = options.format ?? signer._defaultFormat;
    return new Sign(signer, format, { privateKey: assertLogin(privateKey), password: assertLogin(password) });
  }

  /**
   * Creates a way to sign with the identity of a workflow of a repository, without a key. The job needs the permission
   * `id-token: write`. The image and the workflow are entered in the public transparency log of Sigstore.
   *
   * @param repository the repository whose workflows sign
   * @throws FORGE-RECIPE-014 for a forge without an OIDC issuer that Sigstore trusts
   */
  static keyless(repository: Repository, options: KeylessOptions = {}): Sign {
    const { forge, fullName } = repository;
    const issuer = forge.product.oidcIssuer(forge.url);
    if (issuer === undefined) {
      throw refused(
        `the workflows of ${forge.product.title} have no identity that Sigstore trusts`,
        "sign with a key: Sign.cosign(Signer.keyFile('cosign.pub'))",
        'getting ID token: no providers available',
      );
    }
    const { branch = 'main' } = options;
    const subject = `${literalPattern(`${forge.url}/${fullName}/`)}[^@]+@refs/(heads/${literalPattern(branch)}|tags/.+)`;
    const signer = Signer.keyless({ issuer, subject });
    return new Sign(signer, options.format ?? signer._defaultFormat, {});
  }

  private constructor(
    /** The signer, for those who verify: `OciVerification.signedBy(sign.signer)`. */
    readonly signer: Signer,
    /** Format of the signatures. */
    readonly format: SignatureFormat,
    private readonly credentials: Credentials,
  ) {}

  /** True if jobs that sign need the permission `id-token: write`. */
  get needsIdToken(): boolean {
    return this.signer.kind === SignerKind.KEYLESS;
  }

  /**
   * Creates a step that signs images. The image of the job needs cosign 2.4 or newer.
   *
   * @throws FORGE-RECIPE-013 for a token in plain text, FORGE-RECIPE-014 for a reference that has no digest
   */
  step(props: SignImageProps): Step {
    return this.made({ name: 'Sign', script: 'cosign-sign', env: {} }, props);
  }

  /**
   * Creates a step that attests a statement about images, for example an SBOM that an earlier step wrote to a file.
   *
   * @throws FORGE-RECIPE-013 for a token in plain text, FORGE-RECIPE-014 for a reference that has no digest, or an empty
   * file or type
   */
  attest(props: AttestProps): Step {
    const { predicate, predicateType, ...rest } = props;
    const bad = [predicate, predicateType].find((text) => !/^[A-Za-z0-9_./][^\0-\x1f]*$/.test(text));
    if (bad !== undefined) {
      throw refused(
        `the statement has ${quoted(bad)} as file or type`,
        "set predicate to a file of the job, and predicateType to a type such as 'spdxjson'",
      );
    }
    const env = { PREDICATE: predicate, PREDICATE_TYPE: predicateType };
    return this.made({ name: `Attest ${predicateType}`, script: 'cosign-attest', env }, rest);
  }

  /**
   * Creates a policy of the cluster that accepts the images only with the signature of this signer.
   *
   * @throws FORGE-REG-021 if the program cannot verify the signatures
   */
  verifiedIn(scope: Construct, id: string, props: VerifiedImagesProps): SignedImages {
    return new SignedImages(scope, id, { ...props, signer: this.signer, format: this.format });
  }

  /**
   * Secrets that must be created at the forge.
   *
   * @internal
   */
  get _secrets(): ActionsSecret[] {
    const { privateKey, password } = this.credentials;
    const rotation =
      'run `cosign generate-key-pair`, commit the new cosign.pub beside the old policy, overwrite both secrets, sign the deployed images again, then remove the old key';
    const text = 'cosign generate-key-pair';
    return [
      { value: privateKey, purpose: `private key that images are signed with: the text of cosign.key (\`${text}\`)` },
      { value: password, purpose: 'password of the private key that images are signed with' },
    ].flatMap(({ value, purpose }) => {
      const name = value === undefined || !isSecret(value) ? undefined : /secrets\.(\w+)/.exec(value)?.[1];
      return name === undefined ? [] : [ActionsSecret.of(name, { purpose, rotation })];
    });
  }

  private made({ name, script, env }: StepParts, props: SignImageProps): Step {
    const { references, registry, username, token, anonymous, ...options } = props;
    assertReferences(references);
    const { privateKey, password } = this.credentials;
    return Step._ready(
      {
        name,
        script: scriptOf('registry-access', 'cosign-access', script),
        tools: [JobTool.of('cosign')],
        env: {
          REFERENCES: references,
          ...registryAccess(registry, { username, token, anonymous }),
          FORMAT: this.format,
          KEYED: privateKey === undefined ? 'no' : 'yes',
          ...(privateKey === undefined
            ? {}
            : { COSIGN_PRIVATE_KEY: privateKey, COSIGN_PASSWORD: password!, PUBLIC_KEY: this.signer.publicKey! }),
          ...env,
        },
      },
      options,
    );
  }
}

/** Rejects text without an expression that names an image by its tag. */
function assertReferences(references: string): void {
  const bad = references
    .split('\n')
    .find((line) => line.trim() !== '' && !line.includes('${{') && !/@sha256:[0-9a-f]{64}$/.test(line));
  if (bad !== undefined || references.trim() === '') {
    throw refused(
      `the image ${quoted(bad ?? references)} to sign has no digest`,
      "pass the output of a build: build.output('reference')",
      'no error: the signature is for the image that has the tag when the step runs',
    );
  }
}

function refused(message: string, fix: string, symptom?: string): ForgeError {
  return ForgeError.of({ code: 'FORGE-RECIPE-014', message, fix, symptom });
}
