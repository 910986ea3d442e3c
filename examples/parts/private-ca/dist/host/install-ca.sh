# Makes the programs of a job trust a private authority: by the image's own means as root, by environment variables otherwise.
# Reads: CA_FILE (PEM), GITHUB_ENV if it is there, TMPDIR. CA_ROOT is the root of the file system, for tests.
set -euo pipefail
: "${CA_FILE:?the file with the certificates}"
root=${CA_ROOT:-}
grep -q -- '-----BEGIN CERTIFICATE-----' "$CA_FILE" || { printf '%s holds no certificate\n' "$CA_FILE" >&2; exit 1; }

# Writes one certificate per file: of a file with several, update-ca-certificates of Debian takes up the first only.
write_into() {
  local count=0 line file='' inside=''
  while IFS= read -r line || [ -n "$line" ]; do
    case $line in
      *'-----BEGIN CERTIFICATE-----'*)
        count=$((count + 1))
        file=$1/cdk8s-forge-ca.crt
        if [ "$count" -gt 1 ]; then file=$1/cdk8s-forge-ca-$count.crt; fi
        : > "$file" || return 1
        inside=yes ;;
    esac
    if [ -n "$inside" ]; then printf '%s\n' "$line" >> "$file" || return 1; fi
    case $line in *'-----END CERTIFICATE-----'*) inside='' ;; esac
  done < "$CA_FILE"
}
# Debian and Alpine, SUSE, Fedora and Red Hat, Arch: a folder for authorities, and a command that takes them up.
install_into() {
  { mkdir -p "$root$1" && write_into "$root$1"; } 2>/dev/null || return 1
  shift
  "$@" > /dev/null 2>&1
}
installed=''
if command -v update-ca-certificates > /dev/null && [ -d "$root/etc/pki/trust/anchors" ]; then
  install_into /etc/pki/trust/anchors update-ca-certificates && installed=yes
elif command -v update-ca-certificates > /dev/null; then
  install_into /usr/local/share/ca-certificates update-ca-certificates && installed=yes
elif command -v update-ca-trust > /dev/null; then
  install_into /etc/pki/ca-trust/source/anchors update-ca-trust extract && installed=yes
elif command -v trust > /dev/null; then
  install_into /etc/ca-certificates/trust-source/anchors trust extract-compat && installed=yes
fi

remember() {
  export "$1=$2"
  if [ -n "${GITHUB_ENV:-}" ]; then printf '%s=%s\n' "$1" "$2" >> "$GITHUB_ENV"; fi
}
# Node brings its own authorities, whatever the system trusts.
remember NODE_EXTRA_CA_CERTS "$CA_FILE"
if [ -n "$installed" ]; then
  printf 'the system trusts %s\n' "$CA_FILE"
  exit 0
fi
# These replace the system's authorities, so they get a file with both.
both=$(mktemp "${TMPDIR:-/tmp}/ca-XXXXXX")
for system in /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt /etc/ssl/ca-bundle.pem /etc/ssl/cert.pem; do
  if [ -r "$root$system" ]; then cat "$root$system" > "$both"; break; fi
done
printf '\n' >> "$both"
cat "$CA_FILE" >> "$both"
for name in SSL_CERT_FILE CURL_CA_BUNDLE GIT_SSL_CAINFO REQUESTS_CA_BUNDLE PIP_CERT; do remember "$name" "$both"; done
printf 'not root, or no trust store: programs that read SSL_CERT_FILE and its like trust %s\n' "$CA_FILE"
