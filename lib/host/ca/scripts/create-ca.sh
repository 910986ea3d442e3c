#!/usr/bin/env bash
# Creates a private CA before the first synth, with the settings of PrivateCa: create-ca.sh CERTIFICATE NAME SUBJECT DAYS NAMES...
set -euo pipefail
script=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/private-ca.sh
CERTIFICATE=${1:?the file of the certificate} SUBJECT=${3:?the subject of the CA} SERVER_DAYS=${4:?the validity of the certificate of the server}
KEYS=${KEYS:-$HOME/.local/share/cdk8s-forge/${2:?the name of the CA}}
shift 4
NAMES=$(printf '%s\n' "$@")
set --
# shellcheck source=private-ca.sh
source "$script"
