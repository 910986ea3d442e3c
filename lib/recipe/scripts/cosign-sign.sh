# Signs images by their digest.
flags sign
for reference in "${references[@]}"; do
  cosign sign "${list[@]}" ${registry[@]+"${registry[@]}"} "$reference"
  verify verify "$reference"
  printf 'signed %s\n' "$reference"
  printf -- "- signed \`%s\`\n" "$reference" >>"${GITHUB_STEP_SUMMARY:-/dev/null}"
done
