# Checks what the builds need, and changes nothing. Reads CONTEXTS (one a line) and SOURCE.
bad=0
problem() {
  printf '%s\n' "$1" >&2
  bad=1
}
while IFS= read -r context; do
  [[ -d $SOURCE/$context ]] || problem "$SOURCE/$context is not a directory: set SOURCE to the directory with the sources"
done <<<"$CONTEXTS"
