# Deletes the tags of a pull request from the registry of the forge. A tag that is not there is fine.
# Reads: what forge-api.sh reads, OWNER, IMAGES (one a line), TAGS (one a line, {number} is the number), NUMBER.
[[ $NUMBER =~ ^[1-9][0-9]{0,9}$ ]] || fail 'the run is not for a pull request'
failed=no
while IFS= read -r image; do
  while IFS= read -r tag; do
    tag=${tag//'{number}'/"$NUMBER"}
    [[ $image =~ ^[a-z0-9][a-z0-9._/-]*$ && $tag =~ ^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$ ]] || fail "this is not an image and a tag: $image $tag"
    call DELETE "packages/$OWNER/container/${image//'/'/%2F}/$tag" </dev/null
    case $status in
      2*) printf 'deleted %s:%s\n' "$image" "$tag" ;;
      404) printf '%s:%s is not there\n' "$image" "$tag" ;;
      *) printf '%s:%s: the forge answered %s\n' "$image" "$tag" "$status" >&2; failed=yes ;;
    esac
  done <<<"$TAGS"
done <<<"$IMAGES"
[ "$failed" = no ] || fail 'not everything was deleted: may the token write packages?'
