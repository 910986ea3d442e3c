# A version is released from the branch that is deployed: a run that a person starts on another branch would release what nobody merged.
# A tag that is a version has been released already. Reads: REF, DEPLOYED, TAG_PREFIX.
set -euo pipefail
: "$REF" "$DEPLOYED"
number='(0|[1-9][0-9]{0,8})'
version=${REF#"refs/tags/${TAG_PREFIX:-}"}
if [[ $REF == "refs/heads/$DEPLOYED" ]] || [[ $REF != "$version" && $version =~ ^$number\.$number\.$number$ ]]; then exit 0; fi
printf '%s is not branch %s, which is deployed, and no version: a version is released from that branch only\n' "$REF" "$DEPLOYED" >&2
exit 1
