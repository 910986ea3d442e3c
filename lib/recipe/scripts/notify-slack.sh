# Posts to an incoming webhook of Slack or Mattermost. `<`, `>` and `&` are markup there: as text they cannot mention anybody.
plain() {
  local text=${1//&/'&amp;'}
  text=${text//</'&lt;'}
  text=${text//>/'&gt;'}
  json "$text"
}
printf '{"text":%s}' "$(plain "$TITLE"$'\n'"$MESSAGE"${LINK:+$'\n'"$LINK"})" | post "$URL"
