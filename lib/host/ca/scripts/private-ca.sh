# Creates a private CA once, and issues or renews the certificate of a server. Reads CERTIFICATE, NAMES, SUBJECT, KEYS and SERVER_DAYS.
# Private keys stay in the directory KEYS, and are never replaced. The argument is nothing, or "check".

CA_DAYS=3650
RENEW_DAYS=30

fail() {
  printf '%s\n' "$1" >&2
  exit 1
}

command -v openssl >/dev/null || fail 'openssl is not installed'
[[ $KEYS == /* ]] || fail "KEYS is $KEYS: set an absolute path outside of the repository"
mkdir -p "$(dirname "$CERTIFICATE")"
root=$(git rev-parse --show-toplevel 2>/dev/null || pwd -P)
umask 077
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

days_left() { openssl x509 -in "$1" -noout -checkend "$(($2 * 86400))" >/dev/null; }
public_key() { openssl x509 -in "$1" -noout -pubkey; }
public_of() { openssl pkey -in "$1" -pubout; }
expires() { openssl x509 -in "$1" -noout -enddate | sed 's/notAfter=//'; }
# Prints what a command says only if the command fails: openssl reports its progress.
quietly() {
  local said
  said=$("$@" 2>&1) || fail "${said:-$* failed}"
}
new_key() { quietly openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -pkeyopt ec_param_enc:named_curve -out "$1"; }
alternatives() {
  local name list=''
  while IFS= read -r name; do
    if [[ $name == *:* || $name =~ ^[0-9.]+$ ]]; then name=IP:$name; else name=DNS:$name; fi
    list+=${list:+,}$name
  done <<<"$NAMES"
  printf '%s' "$list"
}

if [[ ${1:-} == check ]]; then
  days_left "$CERTIFICATE" 365 || fail "the CA $CERTIFICATE expires on $(expires "$CERTIFICATE"): see the documentation of PrivateCa"
  [[ -e $KEYS/server.crt ]] || fail "$KEYS/server.crt does not exist: run the check on the machine that has the keys, or set KEYS"
  days_left "$KEYS/server.crt" "$RENEW_DAYS" || fail "the certificate of the server expires on $(expires "$KEYS/server.crt"): run this script without an argument"
  cmp -s <(alternatives) "$KEYS/server.names" || fail "$KEYS/server.crt is for other names: run this script without an argument; if it is of another server, set KEYS"
  openssl verify -CAfile "$CERTIFICATE" "$KEYS/server.crt"
  exit 0
fi

mkdir -p "$KEYS"
chmod 0700 "$KEYS"
case $(cd "$KEYS" && pwd -P)/ in
  "$root"/*) fail "KEYS is $KEYS, in the repository: private keys must not be committed; set a directory outside of it" ;;
esac

if [[ ! -e $KEYS/ca.key ]]; then
  [[ ! -e $CERTIFICATE ]] || fail "$CERTIFICATE exists, and its key $KEYS/ca.key does not: copy the key to there, or set KEYS; only to replace the CA everywhere, remove $CERTIFICATE"
  cat >"$work/ca.cnf" <<EOF
[req]
prompt = no
distinguished_name = name
x509_extensions = ca
[name]
CN = $SUBJECT
[ca]
basicConstraints = critical,CA:TRUE,pathlen:0
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
EOF
  new_key "$work/ca.key"
  quietly openssl req -x509 -new -sha256 -key "$work/ca.key" -days "$CA_DAYS" -set_serial "0x1$(openssl rand -hex 15)" -config "$work/ca.cnf" -out "$work/ca.crt"
  # The key first: without it, a certificate would be in the way of the next run.
  mv "$work/ca.key" "$KEYS/ca.key"
  cp "$work/ca.crt" "$KEYS/ca.crt"
  printf 'created the CA %s\n' "$SUBJECT"
fi
[[ -e $KEYS/ca.crt ]] || cp "$CERTIFICATE" "$KEYS/ca.crt"
[[ $(public_key "$KEYS/ca.crt") == "$(public_of "$KEYS/ca.key")" ]] || fail "$KEYS/ca.crt is not the certificate of $KEYS/ca.key"
if [[ ! -e $CERTIFICATE ]]; then
  # Another repository may have a CA of this name on this machine.
  [[ ! -e $KEYS/server.names ]] || cmp -s <(alternatives) "$KEYS/server.names" ||
    fail "$KEYS has the CA of a server with other names ($(cat "$KEYS/server.names")): set KEYS to another directory, or give the PrivateCa another id; only to use this CA for both, copy $KEYS/ca.crt to $CERTIFICATE"
  (umask 022 && cp "$KEYS/ca.crt" "$CERTIFICATE")
fi
cmp -s "$KEYS/ca.crt" "$CERTIFICATE" || fail "$CERTIFICATE is another CA than $KEYS/ca.crt: set KEYS to the directory of its key"

if [[ ! -e $KEYS/server.key ]]; then
  new_key "$work/server.key"
  mv "$work/server.key" "$KEYS/server.key"
fi
alternatives >"$work/names"
if [[ -e $KEYS/server.crt ]] && cmp -s "$work/names" "$KEYS/server.names" && days_left "$KEYS/server.crt" "$RENEW_DAYS" &&
  openssl verify -CAfile "$CERTIFICATE" "$KEYS/server.crt" >/dev/null 2>&1; then
  printf 'the certificate of the server is valid until %s: unchanged\n' "$(expires "$KEYS/server.crt")"
else
  printf '[req]\nprompt = no\ndistinguished_name = name\n[name]\nCN = %s server\n' "$SUBJECT" >"$work/server.cnf"
  quietly openssl req -new -sha256 -key "$KEYS/server.key" -config "$work/server.cnf" -out "$work/server.csr"
  cat >"$work/extensions.cnf" <<EOF
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = serverAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
subjectAltName = $(cat "$work/names")
EOF
  quietly openssl x509 -req -sha256 -in "$work/server.csr" -CA "$KEYS/ca.crt" -CAkey "$KEYS/ca.key" -set_serial "0x1$(openssl rand -hex 15)" \
    -days "$SERVER_DAYS" -extfile "$work/extensions.cnf" -out "$work/server.crt"
  quietly openssl verify -CAfile "$CERTIFICATE" "$work/server.crt"
  mv "$work/server.crt" "$KEYS/server.crt"
  mv "$work/names" "$KEYS/server.names"
  printf 'issued the certificate of the server, valid until %s: restart the server\n' "$(expires "$KEYS/server.crt")"
fi
printf 'commit %s; configure the server with %s and %s\n' "$CERTIFICATE" "$KEYS/server.crt" "$KEYS/server.key"
