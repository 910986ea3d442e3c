#!/usr/bin/env bash
# Creates a private CA before the first synth, with the settings of PrivateCa: create-ca.sh CERTIFICATE NAME SUBJECT NAMES...
set -euo pipefail
script=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/private-ca.sh
CERTIFICATE=${1:?the file of the certificate} SUBJECT=${3:?the subject of the CA}
KEYS=${KEYS:-$HOME/.local/share/cdk8s-forge/${2:?the name of the CA}}
shift 3
NAMES=$(printf '%s\n' "$@")
CA_DAYS=3650 SERVER_DAYS=397 RENEW_DAYS=30
set --
# shellcheck source=private-ca.sh
source "$script"
