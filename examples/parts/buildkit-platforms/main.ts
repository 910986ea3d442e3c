import { Chart, Size } from 'cdk8s';
import { GitOpsApp } from '../../../lib/app';
import { BuildkitPlatforms, BuildkitSmokeTest } from '../../../lib/buildkit';
import { Architecture, Storage } from '../../../lib/kube';
import { Registry } from '../../../lib/registry';

// Images for amd64 and arm64 without emulation: a daemon on nodes of each.
const app = new GitOpsApp();
const ci = new Chart(app, 'ci', { namespace: 'ci' });
const builders = new BuildkitPlatforms(ci, 'builders', {
  architectures: [Architecture.AMD64, Architecture.ARM64],
  registries: [Registry.ghcr({ owner: 'example' })],
  storage: Storage.ephemeral(Size.gibibytes(30)),
});
builders.builders.forEach((builder) => new BuildkitSmokeTest(ci, `${builder.name}-smoke-test`, { builder }));

app.synth();
