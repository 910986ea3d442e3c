#!/usr/bin/env bash
# Puts the part of KEDA that the tests call into .build/, and prints the flag that makes Go build it: the whole of KEDA brings every
# cloud's SDK along, which takes minutes to compile. Files are KEDA's own, unchanged, out of Go's module cache, which has checked them
# against go.sum; what is not listed is left out. standins/ holds the few names that the left out files would have declared.
set -euo pipefail
cd "$(dirname "$0")"
module=github.com/kedacore/keda/v2
version=$(sed -n "s|^.*$module \(v[^ ]*\).*\$|\1|p" go.mod)
source=$(go mod download -json "$module@$version" | sed -n 's/^.*"Dir": "\(.*\)",\{0,1\}$/\1/p')
rm -rf .build
keep() {
  local folder=$1 file
  shift
  mkdir -p ".build/keda/$folder"
  for file in "$@"; do cat "$source/$folder/$file" > ".build/keda/$folder/$file"; done
}
keep . go.mod
keep version version.go
keep apis/keda/v1alpha1 condition_types.go groupversion_info.go gvkr.go gvkr_types.go identifier.go scalable_object.go scaledjob_types.go \
  scaledobject_types.go scaletriggers_types.go triggerauthentication_types.go withtriggers_types.go zz_generated.deepcopy.go
keep pkg/eventreason eventreason.go
keep pkg/metricscollector http_roundtripper.go
keep pkg/util env_resolver.go http.go normalize_string.go value_by_path.go
keep pkg/scalers/authentication authentication_types.go
keep pkg/scalers/scalersconfig scalersconfig.go typed_config.go
keep pkg/scalers forgejo_runner_scaler.go github_runner_scaler.go metrics_api_scaler.go scaler.go
keep pkg/scaling/executor scale_executor.go scale_jobs.go
keep pkg/scaling/scaledjob metrics.go
(cd standins && find . -name '*.txt') | while read -r file; do cat "standins/$file" > ".build/keda/${file%.txt}_standin.go"; done
{ cat go.mod; printf '\nreplace %s => ./.build/keda\n' "$module"; } > .build/go.mod
cat go.sum > .build/go.sum
printf -- '-modfile=.build/go.mod\n'
