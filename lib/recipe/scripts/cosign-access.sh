# Shared by the steps that call cosign. Reads also: REFERENCES (one a line, each with its digest), PLAIN_HTTP (yes, no), FORMAT (legacy,
# bundle), COSIGN_PRIVATE_KEY and COSIGN_PASSWORD (empty: keyless), PUBLIC_KEY.
command -v cosign >/dev/null || fail 'cosign is not on PATH: this step needs an image with cosign'
references=()
while IFS= read -r reference; do
  if [[ -z $reference ]]; then continue; fi
  [[ $reference =~ ^[A-Za-z0-9][A-Za-z0-9._:/-]*@sha256:[0-9a-f]{64}$ ]] || fail "only a digest can be signed, and this is not an image with its digest: $reference"
  references+=("$reference")
done <<<"$REFERENCES"
[[ ${#references[@]} -gt 0 ]] || fail 'REFERENCES is empty: the build reported no image'
registry=()
if [[ $PLAIN_HTTP == yes ]]; then registry+=(--allow-http-registry); fi
keyed=$KEYED
if [[ $keyed == yes ]]; then
  [[ -n ${COSIGN_PRIVATE_KEY:-} ]] || fail 'COSIGN_PRIVATE_KEY is not set: create the secret with the text of cosign.key'
fi
export COSIGN_PASSWORD=${COSIGN_PASSWORD:-}
# Whom a keyless signature trusts is below the home directory, where another job could have written.
export HOME=$work
# Which flags a cosign knows depends on its version; deprecated ones are not in its help. One that knows signing configurations writes
# bundles unless told; an older one writes the legacy format.
flags() {
  list=(--yes)
  if [[ $keyed == yes ]]; then list+=(--key env://COSIGN_PRIVATE_KEY --tlog-upload=false); fi
  local help
  help=$(cosign "$1" --help 2>&1) || true
  if [[ $help == *--use-signing-config* ]]; then
    if [[ $FORMAT == bundle ]]; then list+=(--new-bundle-format=true); else list+=(--new-bundle-format=false); fi
    if [[ $FORMAT == legacy || $keyed == yes ]]; then list+=(--use-signing-config=false); fi
  else
    [[ $FORMAT == legacy ]] || fail 'this cosign writes no bundles: use cosign 3, or SignatureFormat.LEGACY'
  fi
}
# Verifies with the committed key, so that a key that does not belong to it is found here and not when a pod starts.
verify() {
  local kind=$1 reference=$2
  shift 2
  if [[ $keyed == no ]]; then return; fi
  printf '%s\n' "$PUBLIC_KEY" >"$work/cosign.pub"
  cosign "$kind" --key "$work/cosign.pub" --insecure-ignore-tlog=true ${registry[@]+"${registry[@]}"} "$@" "$reference" >/dev/null 2>"$work/log" || {
    cat "$work/log" >&2
    fail "the signature of $reference does not fit the committed public key: is COSIGN_PRIVATE_KEY the key of cosign.pub?"
  }
}
