# Calls the API of the forge. Reads: API (its URL), TOKEN, and the directory $work of an earlier part. The token reaches curl by a descriptor, and is in no argument and no log.
# -q: curl reads no .curlrc, in which another job could have named a proxy, or a file for what is sent.
set -euo pipefail
export LC_ALL=C
fail() { printf '%s\n' "$1" >&2; exit 1; }
command -v curl >/dev/null || fail 'curl is not on PATH: this step needs an image with curl'
[[ $API =~ ^https?://[^[:space:]\"\\]+$ ]] || fail 'API is not a URL'
[[ -n ${TOKEN:-} && $TOKEN != *[$'\r\n"\\']* ]] || fail 'TOKEN is not set, or has more than one line'
# Sends standard input, if there is any, and leaves the answer in $work/answer and the status in $status. A busy server is asked again.
call() {
  local attempt
  cat >"$work/body"
  for attempt in 1 2 3; do
    status=$(curl -q --silent --show-error --max-time 30 --output "$work/answer" --write-out '%{http_code}' --request "$1" \
      --header 'Content-Type: application/json' --data-binary @"$work/body" --config <(printf 'header = "Authorization: token %s"\n' "$TOKEN") --url "$API/$2") || status=000
    case $status in 000 | 429 | 5*) [ "$attempt" = 3 ] || sleep "$attempt" ;; *) return ;; esac
  done
}
