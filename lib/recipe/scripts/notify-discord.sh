# Posts to a webhook of Discord. No text of a commit may mention anybody; Discord takes 2,000 characters.
text="$TITLE"$'\n'"$MESSAGE"
printf '{"content":%s,"allowed_mentions":{"parse":[]}}' "$(json "${text:0:1800}${LINK:+$'\n'"$LINK"}")" | post "$URL"
