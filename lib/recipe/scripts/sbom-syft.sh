# Lists the packages of an image with Syft. Reads: REFERENCE (an image, with its digest), PLAIN_HTTP (yes, no), FORMAT, FILE.
command -v syft >/dev/null || fail 'syft is not on PATH: this step needs an image with Syft'
[[ $REFERENCE =~ ^[A-Za-z0-9][A-Za-z0-9._:/-]*(@sha256:[0-9a-f]{64})?$ ]] || fail "this is not an image: $REFERENCE"
export SYFT_CHECK_FOR_APP_UPDATE=false
if [[ $PLAIN_HTTP == yes ]]; then export SYFT_REGISTRY_INSECURE_USE_HTTP=true; fi
if [[ -n ${CA_PEM:-} ]]; then export SYFT_REGISTRY_CA_CERT=$work/ca.pem; fi
# An empty configuration: Syft reads .syft.yaml of the directory, which a pull request can change.
printf '{}\n' >"$work/syft.yaml"
rm -f -- "$FILE"
syft scan --config "$work/syft.yaml" --quiet --output "$FORMAT=$FILE" "registry:$REFERENCE"
[[ -s $FILE ]] || fail "syft wrote no $FILE"
printf 'the packages of %s are in %s\n' "$REFERENCE" "$FILE"
