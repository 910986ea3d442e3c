#!/usr/bin/env bash
# Packs the library, installs it into an empty project beside its peers, and synthesizes a small app there: what a consumer gets.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
npm pack --silent --pack-destination "$work" > /dev/null
printf 'packed: '
tar tzf "$work"/*.tgz | awk -F/ '$2 != "node_modules"' | sort > "$work/files"
wc -l < "$work/files"
if grep -vE '^package/(build/lib/.*\.(js|mjs|d\.ts|sh)|\.jsii(\.gz)?|docs/.*\.md|CHANGELOG\.md|LICENSE|NOTICE|README\.md|package\.json)$' "$work/files"; then
  printf 'the package holds files that a consumer does not need (above)\n' >&2
  exit 1
fi
mkdir "$work/consumer"
cd "$work/consumer"
peers=$(node -p "const d = require('$root/package.json').devDependencies; ['cdk8s', 'cdk8s-plus-28', 'constructs', 'tsx', 'typescript', '@types/node'].map((n) => n + '@' + d[n]).join(' ')")
npm init --yes > /dev/null
# shellcheck disable=SC2086 # a list of packages
npm install --silent --no-audit --no-fund $peers "$work"/*.tgz 2> >(grep -v '^npm warn' >&2 || true)
cat > main.ts <<'TS'
import { Chart } from 'cdk8s';
import { app, flux } from 'cdk8s-forge';
import { Forge } from 'cdk8s-forge/forge';
import { Registry } from 'cdk8s-forge/registry';
import { Buildkitd } from 'cdk8s-forge/buildkit';
import { Storage } from 'cdk8s-forge/kube';
import { Executor, Runner, RunnerScope } from 'cdk8s-forge/runner';
import { SecretSource } from 'cdk8s-forge/secret';
import { Size } from 'cdk8s';

const forge = Forge.gitea({ version: '1.26', url: 'https://git.example.com' });
const root = new app.GitOpsApp();
const home = new flux.Cluster(root, 'home', { source: forge.repository('platform/gitops') });
const registry = Registry.gitea(forge, { owner: 'platform' });
const ci = new Chart(home, 'ci', { namespace: 'ci' });
const builder = new Buildkitd(ci, 'buildkitd', { registries: [registry], storage: Storage.persistent(Size.gibibytes(50)) });
new Runner(ci, 'runner', { forge, scope: RunnerScope.instance(), registrationToken: SecretSource.existing('runner-token'), executor: Executor.host({ builder }) });
root.synth();
TS
npx --no-install tsc --noEmit --strict --target es2022 --module node16 --moduleResolution node16 --types node --skipLibCheck false main.ts
node --import tsx main.ts
find dist -type f | sort
test -s dist/clusters/home/platform/ci.k8s.yaml
printf 'the packed library synthesizes in an empty project\n'
