# A repository of the step's own, which only reads. Reads: REPOSITORY_URL, TOKEN.
[[ $REPOSITORY_URL =~ ^(https?://[^/@]+|file:/)/ ]] || fail "REPOSITORY_URL is not a URL: $REPOSITORY_URL"
authorize "${BASH_REMATCH[1]}"
SOURCES=$work/git
git init --quiet --bare --template= "$SOURCES"
