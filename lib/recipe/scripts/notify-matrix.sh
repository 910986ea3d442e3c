# Sends a notice to a Matrix room, by the client-server API. Reads also: ROOM (!room:server), RUN (makes a second sending harmless).
[[ $ROOM =~ ^![A-Za-z0-9._~+/=-]+(:[A-Za-z0-9.:-]+)?$ ]] || warn 'ROOM is not the internal id of a room: !id:server'
room=${ROOM//'!'/%21}
room=${room//:/%3A}
room=${room//'/'/%2F}
room=${room//+/%2B}
METHOD=PUT
printf '{"msgtype":"m.notice","body":%s}' "$(json "$TITLE"$'\n'"$MESSAGE"${LINK:+$'\n'"$LINK"})" |
  post "${URL%/}/_matrix/client/v3/rooms/$room/send/m.room.message/${RUN//[^A-Za-z0-9._-]/-}"
