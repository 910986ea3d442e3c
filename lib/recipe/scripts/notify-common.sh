# Shared by the steps that notify. Reads: URL, TOKEN (may be empty), STATUS (success, failure, cancelled, skipped), TITLE, MESSAGE, LINK.
# A notification never fails a job: what goes wrong is a warning. Text goes to curl on standard input and the token by a descriptor, so
# neither is in an argument, and no line of either can become a header. -q: curl reads no .curlrc of another job.
set -euo pipefail
export LC_ALL=C
warn() { printf '::warning::not notified: %s\n' "$1"; exit 0; }
command -v curl >/dev/null || warn 'curl is not on PATH'
[[ $URL =~ ^https?://[^[:space:]\"\\]+$ ]] || warn 'the URL is not set, or is not a URL'
# Posts standard input, twice again if the server does not answer or says that it is busy.
post() {
  local body config='' token status attempt
  body=$(cat)
  if [ -n "${TOKEN:-}" ]; then
    token=${TOKEN//\\/\\\\}
    token=${token//\"/\\\"}
    [[ $token != *[$'\r\n']* ]] || warn 'the token has more than one line'
    config="header = \"Authorization: Bearer $token\""
  fi
  for attempt in 1 2 3; do
    status=$(printf '%s' "$body" | curl -q --silent --show-error --output /dev/null --write-out '%{http_code}' --max-time 20 \
      --request "${METHOD:-POST}" --header 'Content-Type: application/json' --data-binary @- --config <(printf '%s\n' "$config") --url "$1") || status=000
    case $status in
      2*) printf 'notified\n' && return ;;
      000 | 429 | 5*) [ "$attempt" = 3 ] || sleep "$attempt" ;;
      *) break ;;
    esac
  done
  [ "$status" != 000 ] || warn 'the server did not answer'
  warn "the server answered $status"
}
