# Selects the images to build by the flags in the commit message. Reads: MESSAGE, IMAGES (separated by spaces), FLAGS (one a line: the
# images that are still built, a bar, and the flag). The message is compared with fixed text, and nothing of it gets into an output.
set -euo pipefail
selected=" $IMAGES "
while IFS='|' read -r only flag; do
  if [[ -z $flag || ${MESSAGE:-} != *"$flag"* ]]; then continue; fi
  printf 'the commit message has %s\n' "$flag"
  left=' '
  for image in $selected; do if [[ " $only " == *" $image "* ]]; then left+="$image "; fi; done
  selected=$left
done <<<"$FLAGS"
# Each name is between bars, so that no name is found inside of another.
images='|'
for image in $selected; do images+="$image|"; done
printf 'images=%s\n' "$images" >>"$GITHUB_OUTPUT"
printf 'images to build: %s\n' "${images//|/ }"
