# Attests a statement about images, for example an SBOM. Reads also: PREDICATE (a file), PREDICATE_TYPE.
[[ -s $PREDICATE ]] || fail "there is no file $PREDICATE: an earlier step must write it"
flags attest
for reference in "${references[@]}"; do
  cosign attest "${list[@]}" ${registry[@]+"${registry[@]}"} --predicate "$PREDICATE" --type "$PREDICATE_TYPE" "$reference"
  verify verify-attestation "$reference" --type "$PREDICATE_TYPE"
  printf 'attested %s of %s\n' "$PREDICATE_TYPE" "$reference"
done
