# Posts status, title, message and link as JSON.
printf '{"status":%s,"title":%s,"message":%s,"link":%s}' "$(json "$STATUS")" "$(json "$TITLE")" "$(json "$MESSAGE")" "$(json "$LINK")" | post "$URL"
