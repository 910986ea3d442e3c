/**
 * The files and directories that Flux leaves out of a source by default: fluxcd/pkg/sourceignore. A name with `/` behind is that of
 * a directory. `conformance/flux` holds the list to the package.
 */
const NAMES = [
  ...['.git/', '.gitignore', '.gitmodules', '.gitattributes'],
  ...['.github/', '.circleci/', '.travis.yml', '.gitlab-ci.yml', 'appveyor.yml', '.drone.yml', 'cloudbuild.yaml'],
  ...['codeship-services.yml', 'codeship-steps.yml', '.goreleaser.yml', '.sops.yaml', '.flux.yaml'],
];

const EXTENSIONS = ['.jpg', '.jpeg', '.gif', '.png', '.wmv', '.flv', '.tar.gz', '.zip'];

/**
 * Returns the part of a path that makes Flux leave the file out of a source, or everything below the part; undefined if there is
 * none. Flux compares case.
 *
 * @param path the path of a file; that of a directory ends in `/`
 *
 * @jsii ignore
 */
export function ignoredPart(path: string): string | undefined {
  const parts = path.split('/');
  return parts.find((part, i) => {
    const isDirectory = i < parts.length - 1;
    return (
      NAMES.includes(part) ||
      (isDirectory && NAMES.includes(`${part}/`)) ||
      EXTENSIONS.some((extension) => part.endsWith(extension))
    );
  });
}
