# A repository of the step's own, never the checkout. Reads: REPOSITORY_URL, TOKEN, AUTHOR_NAME, AUTHOR_EMAIL.
[[ $REPOSITORY_URL =~ ^(https?://[^/@]+|file:/)/ ]] || fail "REPOSITORY_URL is not a URL: $REPOSITORY_URL"
authorize "${BASH_REMATCH[1]}"
unset TOKEN
config tag.gpgSign false
config user.name "$AUTHOR_NAME"
config user.email "$AUTHOR_EMAIL"
SOURCES=$work/git
git init --quiet --bare --template= "$SOURCES"
