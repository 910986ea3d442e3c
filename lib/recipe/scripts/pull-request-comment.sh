# Comments on a pull request, or changes the comment that an earlier run made. A comment that cannot be made is a warning.
# Reads: what forge-api.sh reads, NUMBER (of the pull request), MARK (a word that tells our comment from others), TEXT.
warn() { printf '::warning::no comment: %s\n' "$1"; exit 0; }
command -v jq >/dev/null || warn 'jq is not on PATH'
[[ $NUMBER =~ ^[1-9][0-9]{0,9}$ ]] || warn 'the run is not for a pull request'
mark="<!-- $MARK -->"
# Everybody can write a comment that begins with our mark, and could change it after us: only a comment of our own is changed. A token of a
# job may not say whose it is; it is then that of the forge's bot.
API=${API%/repos/*/*} call GET user </dev/null
me=''
if [ "$status" = 200 ]; then me=$(jq -r '.login // empty' "$work/answer" 2>/dev/null) || me=''; fi
call GET "issues/$NUMBER/comments?limit=100&per_page=100" </dev/null
[ "$status" = 200 ] || warn "the forge answered $status"
# shellcheck disable=SC2016 # variables of jq
id=$(jq -r --arg mark "$mark" --arg me "$me" '
  def own: if $me != "" then .login == $me else .type == "Bot" or .login == "gitea-actions" or .login == "forgejo-actions" end;
  [.[] | select((.body | startswith($mark)) and (.user | own)) | .id][0] // empty' "$work/answer" 2>/dev/null) || id=''
body=$(printf '{"body":%s}' "$(json "$mark"$'\n'"${TEXT:0:60000}")")
if [[ $id =~ ^[0-9]+$ ]]; then
  call PATCH "issues/comments/$id" <<<"$body"
else
  call POST "issues/$NUMBER/comments" <<<"$body"
fi
[[ $status == 2* ]] || warn "the forge answered $status: may the token write comments?"
printf 'commented on pull request %s\n' "$NUMBER"
