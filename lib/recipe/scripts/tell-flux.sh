# Tells Flux's Receiver (type generic-hmac) that there is something new to fetch. Never fails the job: Flux looks at its interval anyway.
# Reads: URL (a secret: who knows the path can call it), KEY, BODY. The key is in no argument, so HMAC is computed here.
set -euo pipefail
export LC_ALL=C
warn() { printf '::warning::Flux was not told, it looks at its next interval: %s\n' "$1"; exit 0; }
for tool in curl sha256sum od; do command -v "$tool" >/dev/null || warn "$tool is not on PATH"; done
[[ $URL =~ ^https?://[^[:space:]\"\\]+$ ]] || warn 'the URL is not set, or is not a URL'
[ -n "$KEY" ] || warn 'the key is not set'
hex() { od -An -v -tx1 | tr -d ' \n'; }
bytes() { local i out=; for ((i = 0; i < ${#1}; i += 2)); do out+="\\x${1:i:2}"; done; printf '%b' "$out"; }
sha256() { sha256sum | cut -d ' ' -f 1; }
key=$(printf '%s' "$KEY" | hex)
if [ "${#key}" -gt 128 ]; then key=$(printf '%s' "$KEY" | sha256); fi
inner='' outer=''
for ((i = 0; i < 128; i += 2)); do
  byte=${key:i:2}
  printf -v inner '%s%02x' "$inner" $((16#${byte:-0} ^ 0x36))
  printf -v outer '%s%02x' "$outer" $((16#${byte:-0} ^ 0x5c))
done
digest=$({ bytes "$inner"; printf '%s' "$BODY"; } | sha256)
signature=$(bytes "$outer$digest" | sha256)
for pause in 1 3 0; do
  status=$(printf '%s' "$BODY" | curl -q --silent --show-error --output /dev/null --write-out '%{http_code}' --max-time 20 \
    --header 'Content-Type: application/json' --header "X-Signature: sha256=$signature" --data-binary @- --config <(printf 'url = "%s"\n' "$URL")) || status=000
  case $status in
    2*) printf 'Flux was told\n'; exit 0 ;;
    000 | 429 | 5*) sleep "$pause" ;;
    *) break ;;
  esac
done
warn "the receiver answered $status"
