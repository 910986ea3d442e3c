#!/usr/bin/env bash
# Packs the library and uses the package as its users do: in a project of `cdk8s init typescript-app`, with the oldest and the
# newest peers, as CommonJS and as ES modules, on each Node.js that npm offers. What cannot run here is printed as NOT CHECKED.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

npm pack --silent --pack-destination "$work" > /dev/null
package=$(echo "$work"/*.tgz)
tar tzf "$package" | awk -F/ '$2 != "node_modules"' | sort > "$work/files"
printf 'packed: %s files\n' "$(wc -l < "$work/files")"
if grep -vE '^package/(build/lib/.*\.(js|d\.ts)|build/lib/.*/scripts/[^/]*|\.jsii(\.gz)?|docs/.*\.md|CHANGELOG\.md|LICENSE|NOTICE|README\.md|package\.json)$' "$work/files"; then
  printf 'the package holds files that a consumer does not need (above)\n' >&2
  exit 1
fi

# A program with one construct of each large module.
cat > "$work/platform.ts" <<'TS'
import { Chart, Size } from 'cdk8s';
import { Buildkitd } from 'cdk8s-forge/buildkit';
import { GitOpsApp } from 'cdk8s-forge/app';
import { Cluster } from 'cdk8s-forge/flux';
import { Forge } from 'cdk8s-forge/forge';
import { Storage } from 'cdk8s-forge/kube';
import { ImagePipeline } from 'cdk8s-forge/pipeline';
import { Registry } from 'cdk8s-forge/registry';
import { Executor, Registration, Runner, RunnerScope } from 'cdk8s-forge/runner';
import { SecretSource } from 'cdk8s-forge/secret';

const app = new GitOpsApp();
const forge = Forge.gitea({ version: '1.26', url: 'https://git.example.com' });
const home = new Cluster(app, 'home', { source: forge.repository('platform/gitops') });
const registry = Registry.gitea(forge, { owner: 'platform', credentials: SecretSource.existing('registry') });
const ci = new Chart(home, 'ci', { namespace: 'ci' });
const storage = Storage.persistent(Size.gibibytes(50));
const builder = new Buildkitd(ci, 'buildkitd', { registries: [registry], storage });
const runner = new Runner(ci, 'runner', {
  forge,
  scope: RunnerScope.instance(),
  registration: Registration.token(SecretSource.existing('runner-token')),
  executor: Executor.host({ builder }),
});
const apps = new Chart(home, 'apps', { namespace: 'apps' });
new ImagePipeline(apps, 'hello', { repository: forge.repository('platform/hello'), registry, runner });
app.synth();
TS

# Makes a project from the template of the cdk8s-cli, with the program of the README, and installs the package there.
project() {
  local folder=$1
  shift
  cp -R "$root/node_modules/cdk8s-cli/templates/typescript-app" "$folder"
  cd "$folder"
  rm -rf main.test.ts __snapshots__ jest.config.js .hooks.sscaff.js
  printf '{ "name": "consumer", "version": "1.0.0", "private": true }\n' > package.json
  awk '/^```ts$/ { inside = 1; next } /^```$/ { inside = 0 } inside' "$root/README.md" > main.ts
  cp "$work/platform.ts" platform.ts
  npm install --silent --no-audit --no-fund "$@" 'typescript@5.9.x' '@types/node@20.19.43' "$package"
}

# Compiles as the template does (node10: no `exports`), then strictly as CommonJS and as an ES module; then runs all of them.
check() {
  node_modules/.bin/tsc --project tsconfig.json
  node main.js && node platform.js
  test -s dist/clusters/home/platform/ci.k8s.yaml
  local strict=(--strict --exactOptionalPropertyTypes --skipLibCheck false --target es2022 --module nodenext --types node)
  mkdir -p cjs esm
  cp platform.ts cjs/platform.cts
  cp platform.ts esm/platform.mts
  node_modules/.bin/tsc "${strict[@]}" cjs/platform.cts esm/platform.mts
  node cjs/platform.cjs
  node esm/platform.mjs
}

(project "$work/oldest" cdk8s@2.70.0 cdk8s-plus-28@2.5.6 constructs@10.4.0 && check)
printf 'oldest peers: ok\n'
(project "$work/newest" 'cdk8s@^2' 'cdk8s-plus-28@^2' 'constructs@^10' && check)
printf 'newest peers: ok\n'

# With the peers of this repository, the package writes the committed output of the examples, byte for byte. Its classes are the
# ones that jsii describes, under every path.
pinned() { node -p "const { devDependencies } = require('$root/package.json'); '$1@' + devDependencies['$1']"; }
examples() {
  local node=$1 program folder
  for program in "$root"/examples/*/main.ts "$root"/examples/parts/*/main.ts; do
    folder=$(dirname "$program")
    cp -R "$folder" example
    rm -rf example/dist
    sed -E "s#'(\.\./)+lib/#'cdk8s-forge/#" "$program" | "$root/node_modules/.bin/esbuild" --loader=ts --format=cjs > example/main.js
    (cd example && "$node" main.js)
    rm example/main.js
    diff -r "$folder" example
    rm -rf example
  done
}
golden() {
  examples node
  node -e '
    const assert = require("node:assert");
    const library = require("cdk8s-forge");
    const { types } = JSON.parse(require("node:fs").readFileSync(require.resolve("cdk8s-forge/.jsii"), "utf8"));
    for (const { kind, namespace, name, fqn } of Object.values(types).filter((type) => type.kind !== "interface")) {
      const found = library[namespace][name];
      assert.strictEqual(require(`cdk8s-forge/${namespace}`)[name], found, `${fqn} is there twice`);
      if (kind === "class") {
        assert.deepStrictEqual([found.name, found[Symbol.for("jsii.rtti")]?.fqn], [name, fqn]);
      }
    }'
  printf "import { app } from 'cdk8s-forge';\nimport { GitOpsApp } from 'cdk8s-forge/app';\nif (app.GitOpsApp !== GitOpsApp) throw new Error('twice');\n" > root.mjs
  node root.mjs
}
(project "$work/golden" "$(pinned cdk8s)" "$(pinned cdk8s-plus-28)" "$(pinned constructs)" && golden)
printf 'output of the examples: ok\n'

# Every version of Node.js writes the same bytes.
for version in 22 24 26; do
  mkdir "$work/node-$version"
  if (cd "$work/node-$version" && npm init --yes > /dev/null && timeout 120 npm install --silent --no-audit --no-fund "node@$version" > /dev/null 2>&1) &&
    "$work/node-$version/node_modules/.bin/node" --version > /dev/null 2>&1; then
    other=$work/node-$version/node_modules/.bin/node
    (cd "$work/newest" && "$other" platform.js && "$other" esm/platform.mjs)
    (cd "$work/golden" && examples "$other")
    printf 'Node.js %s: ok\n' "$version"
  else
    printf 'Node.js %s: NOT CHECKED, because npm could not install it\n' "$version"
  fi
done

# Runs a linter of packages at a fixed version.
linter() {
  local name=$1
  shift
  if (cd "$work" && timeout 120 npx --yes "$name" --version > /dev/null 2>&1); then
    (cd "$work" && npx --yes "$name" "$@")
    printf '%s: ok\n' "$name"
  else
    printf '%s: NOT CHECKED, because npm could not install it\n' "$name"
  fi
}
linter publint@0.3.25 run "$package" --strict
linter @arethetypeswrong/cli@0.18.5 "$package" --exclude-entrypoints ./.jsii --no-emoji --quiet
printf 'the package works in an empty project\n'
