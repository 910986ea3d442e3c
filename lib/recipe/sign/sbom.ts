import { Registry } from '../../registry';
import { ForgeError, quoted } from '../../support';
import { JobTool, ReadyStepOptions, Step } from '../../workflow';
import { registryAccess, RegistryLoginOptions } from '../registry/registry-access';
import { scriptOf } from '../scripts';

/** The formats of an SBOM. */
export enum SbomFormat {
  /** SPDX 2.3, as JSON. */
  SPDX = 'spdxjson',
  /** CycloneDX, as JSON. */
  CYCLONEDX = 'cyclonedx',
}

/** A set of options that define an SBOM. */
export interface SbomOptions {
  /**
   * Format of the SBOM.
   *
   * @default SbomFormat.SPDX
   */
  readonly format?: SbomFormat;

  /**
   * File that the step writes, relative to the directory of the job.
   *
   * @default 'sbom.spdx.json' or 'sbom.cdx.json'
   */
  readonly file?: string;
}

/** A set of properties that define the image whose packages an SBOM lists. */
export interface SbomImageProps extends ReadyStepOptions, RegistryLoginOptions {
  /** The image, with its digest: for example the output `reference` of a build. */
  readonly reference: string;

  /** The registry that the image was pushed to. */
  readonly registry: Registry;
}

/**
 * A list of the packages of an image (SBOM), made by a step after the image was pushed. `Sign.attest` attests it. An
 * SBOM that BuildKit attaches during the build needs no step: `sbom: true` of an image.
 *
 * @example
 *
 * const build = BuildctlBuild.step({ registry, image: 'hello', context: '.', dockerfile: 'Dockerfile' });
 * const target = { reference: build.output('reference'), registry };
 * const sbom = Sbom.syft();
 * const sign = Sign.cosign(Signer.keyFile('cosign.pub'));
 * const attest = sign.attest({ references: target.reference, registry, predicate: sbom.file, predicateType: sbom.format });
 * workflow.addJob('build', { runsOn: runner, steps: [Checkout.git(), build, sbom.step(target), attest] });
 */
export class Sbom {
  /**
   * Creates an SBOM with Syft. The image of the job needs Syft 1.0 or newer.
   *
   * @throws FORGE-RECIPE-014 for a file that is not in the directory of the job
   */
  static syft(options: SbomOptions = {}): Sbom {
    return new Sbom('syft', options);
  }

  /**
   * Creates an SBOM with Trivy. The image of the job needs Trivy 0.50 or newer.
   *
   * @throws FORGE-RECIPE-014 for a file that is not in the directory of the job
   */
  static trivy(options: SbomOptions = {}): Sbom {
    return new Sbom('trivy', options);
  }

  /** Format of the SBOM, which is also the type of the statement for `Sign.attest`. */
  readonly format: SbomFormat;

  /** File of the SBOM, relative to the directory of the job. */
  readonly file: string;

  private constructor(
    private readonly tool: 'syft' | 'trivy',
    { format = SbomFormat.SPDX, file = format === SbomFormat.SPDX ? 'sbom.spdx.json' : 'sbom.cdx.json' }: SbomOptions,
  ) {
    if (!/^(?!.*(^|\/)\.\.(\/|$))[A-Za-z0-9_.][A-Za-z0-9_./-]*$/.test(file)) {
      throw ForgeError.of({
        code: 'FORGE-RECIPE-014',
        message: `the SBOM has ${quoted(file)} as its file`,
        fix: "set file to a path in the directory of the job, for example 'sbom.spdx.json'",
      });
    }
    this.format = format;
    this.file = file;
  }

  /**
   * Creates the step that writes the file.
   *
   * @throws FORGE-RECIPE-013 for a token in plain text
   */
  step(props: SbomImageProps): Step {
    const { reference, registry, username, token, anonymous, ...options } = props;
    return Step._ready(
      {
        name: 'List the packages',
        script: scriptOf('registry-access', `sbom-${this.tool}`),
        tools: [JobTool.of(this.tool)],
        env: {
          REFERENCE: reference,
          ...registryAccess(registry, { username, token, anonymous }),
          FORMAT: this.format === SbomFormat.SPDX ? 'spdx-json' : this.tool === 'syft' ? 'cyclonedx-json' : 'cyclonedx',
          FILE: this.file,
        },
      },
      options,
    );
  }
}
