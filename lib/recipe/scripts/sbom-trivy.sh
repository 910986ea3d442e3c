# Lists the packages of an image with Trivy. Reads: REFERENCE (an image, with its digest), PLAIN_HTTP (yes, no), FORMAT, FILE.
command -v trivy >/dev/null || fail 'trivy is not on PATH: this step needs an image with Trivy'
[[ $REFERENCE =~ ^[A-Za-z0-9][A-Za-z0-9._:/-]*(@sha256:[0-9a-f]{64})?$ ]] || fail "this is not an image: $REFERENCE"
# Trivy reads trivy.yaml of the directory, which a pull request can change.
: >"$work/empty"
list=(image --config "$work/empty" --ignorefile "$work/empty" --image-src remote --format "$FORMAT" --output "$FILE")
if [[ $PLAIN_HTTP == yes ]]; then list+=(--insecure); fi
rm -f -- "$FILE"
trivy "${list[@]}" -- "$REFERENCE"
[[ -s $FILE ]] || fail "trivy wrote no $FILE"
printf 'the packages of %s are in %s\n' "$REFERENCE" "$FILE"
