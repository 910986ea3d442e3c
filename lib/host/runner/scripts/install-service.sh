# Installs the runner as a service of this machine, and registers it. Reads NAME, MANAGER, ACCOUNT, CONFIG, STATE, BINARY, FOLDERS, FILES,
# VARIABLES, DIRECTORIES (of the machine, if there are any) and WORK, and calls the function prepare. The registration token is in a directory
# that is removed at the end: jobs never see it.
cd "$(dirname "${BASH_SOURCE[0]}")"

fail() {
  printf '%s\n' "$1" >&2
  exit 1
}

for variable in $VARIABLES; do
  [[ -n ${!variable:-} ]] || fail "$variable is empty: set it as the runbook says, and keep it through sudo: sudo --preserve-env=$variable bash install.sh"
done
[[ -x $BINARY ]] || fail "$BINARY does not exist: install the runner binary there first"
# macOS has no sha256sum before version 15.
if ! command -v sha256sum >/dev/null; then
  sha256sum() { shasum -a 256 "$@"; }
  export -f sha256sum
fi

if [[ $MANAGER == systemd ]]; then
  [[ $(id -u) -eq 0 ]] || fail "run install.sh as root: sudo --preserve-env=${VARIABLES// /,} bash install.sh"
  home=''
  if ! id "$ACCOUNT" >/dev/null 2>&1; then
    useradd --system --user-group --home-dir "$STATE" --shell /usr/sbin/nologin "$ACCOUNT"
  fi
  run() { runuser --user "$ACCOUNT" -- "$@"; }
  owned() { chown -R "$ACCOUNT:$ACCOUNT" "$@"; }
else
  [[ $(id -u) -ne 0 ]] || fail 'run install.sh as the user whose jobs run, not as root: bash install.sh'
  home=$HOME
  run() { "$@"; }
  owned() { :; }
fi

# The directory of the user stands for @HOME@: a launchd job has absolute paths only.
placed() {
  printf '%s' "${1//@HOME@/$home}"
}

config=$(placed "$CONFIG") state=$(placed "$STATE")
mkdir -p "$config" "$state"
while read -r file; do
  mkdir -p "$(dirname "$config/$file")"
  if [[ $MANAGER == launchd ]]; then
    sed "s|@HOME@|$home|g" "${file/%.yaml/.yml}" >"$config/$file.new"
  else
    cp "${file/%.yaml/.yml}" "$config/$file.new"
  fi
  chmod 0644 "$config/$file.new"
  mv "$config/$file.new" "$config/$file"
done <<<"$FILES"
chmod 0700 "$state"
for folder in $FOLDERS; do mkdir -p "$state/$folder"; done
owned "$state"
# A directory of the machine is created, or given to the runner if it is empty. A directory with files keeps its owner.
while read -r folder; do
  [[ -n $folder ]] || continue
  mkdir -p "$folder"
  if [[ -z $(ls -A "$folder") ]]; then
    owned "$folder"
  elif ! run test -w "$folder"; then
    fail "the runner cannot write to $folder, which has files: give the directory to it: chown -R $ACCOUNT: '$folder'"
  fi
done <<<"${DIRECTORIES:-}"
work=$(placed "${WORK:-}")
# Jobs write to this directory. The account writes the file, so that a link that a job left there leads to no file of root.
if [[ -e known_hosts && -n $work && -d $work ]]; then
  run mkdir -p "$work/.ssh"
  run tee "$work/.ssh/known_hosts" <known_hosts >/dev/null
fi

credentials=$(mktemp -d)
trap 'rm -rf "$credentials"' EXIT
for variable in $VARIABLES; do
  (umask 077 && printf '%s' "${!variable}" >"$credentials/$variable")
done
owned "$credentials"
prepare
rm -rf "$credentials"

if [[ $MANAGER == systemd ]]; then
  install -m 0644 "$NAME.service" "/etc/systemd/system/$NAME.service"
  systemctl daemon-reload
  systemctl enable "$NAME.service"
  systemctl restart "$NAME.service"
else
  agents=$HOME/Library/LaunchAgents
  mkdir -p "$agents"
  sed "s|@HOME@|$home|g" "$NAME.plist" >"$agents/$NAME.plist"
  launchctl bootout "gui/$(id -u)/$NAME" 2>/dev/null || true
  launchctl bootstrap "gui/$(id -u)" "$agents/$NAME.plist"
fi
printf 'the runner %s is installed\n' "$NAME"
