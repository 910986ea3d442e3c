if [ "$(repository rev-parse --is-shallow-repository)" = true ]; then
  repository fetch --quiet --unshallow --tags 2>/dev/null ||
    fail 'the checkout is shallow, so the commits since the last tag are not there: check out with the full history (fullHistory: true, or fetch-depth: 0)'
fi
compute
publish
