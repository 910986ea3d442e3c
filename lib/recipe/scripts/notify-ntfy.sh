# Publishes to an ntfy topic as JSON. Reads also: PRIORITY (1 to 5), TAGS (one a line).
[[ $URL =~ ^(https?://.*)/([A-Za-z0-9_-]{1,64})/?$ ]] || warn 'the URL does not end in a topic'
server=${BASH_REMATCH[1]} topic=${BASH_REMATCH[2]}
tags=
while IFS= read -r tag; do if [ -n "$tag" ]; then tags+="${tags:+,}$(json "$tag")"; fi; done <<<"$TAGS"
{
  printf '{"topic":%s,"title":%s,"message":%s,"priority":%d,"tags":[%s]' "$(json "$topic")" "$(json "$TITLE")" "$(json "$MESSAGE")" "$PRIORITY" "$tags"
  if [ -n "$LINK" ]; then printf ',"click":%s' "$(json "$LINK")"; fi
  printf '}'
} | post "$server"
