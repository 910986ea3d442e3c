# Configures the machine as a node of K3s: registries, CAs and kernel. Reads NAME, MARK, CERTIFICATES, AUTHORITIES and SYSCTLS. Changes only
# what differs. The argument is nothing, or "check", which changes nothing. ROOT is the root of the file system, for tests.
cd "$(dirname "${BASH_SOURCE[0]}")"
root=${ROOT:-} check=''
if [[ ${1:-} == check ]]; then check=yes; fi

fail() {
  printf '%s\n' "$1" >&2
  exit 1
}

registries=/etc/rancher/k3s/registries.yaml
differs='' restart='' trust=''
if [[ -z $check && -z $root && $(id -u) -ne 0 ]]; then fail 'run install.sh as root: sudo bash install.sh'; fi
if [[ -e $root$registries ]] && ! grep -qxF "$MARK" "$root$registries" && ! cmp -s registries.yml "$root$registries"; then
  fail "$registries exists, and another program or person wrote it: declare its registries in main.ts, then move the file away"
fi

# Says what differs; in a check, nothing more follows.
change() {
  differs=yes
  printf '%s\n' "$1"
  [[ -z $check ]]
}
put() {
  if cmp -s "$1" "$root$2"; then return 1; fi
  if change "$2 differs"; then
    mkdir -p "$(dirname "$root$2")"
    cp "$1" "$root$2.new"
    chmod 0644 "$root$2.new"
    mv "$root$2.new" "$root$2"
  fi
}

while read -r file; do
  if [[ -n $file ]] && put "$file" "/etc/rancher/k3s/$file"; then restart=yes; fi
done <<<"$CERTIFICATES"
if put registries.yml "$registries"; then restart=yes; fi

# The system's CAs: Debian and Alpine, SUSE, Fedora and Red Hat. Each file has one certificate and the name of this node.
if command -v update-ca-trust >/dev/null; then
  anchors=/etc/pki/ca-trust/source/anchors take=(update-ca-trust extract)
elif [[ -d $root/etc/pki/trust/anchors ]]; then
  anchors=/etc/pki/trust/anchors take=(update-ca-certificates)
else
  anchors=/usr/local/share/ca-certificates take=(update-ca-certificates)
fi
while read -r authority; do
  if [[ -n $authority ]] && put "authorities/$authority.crt" "$anchors/cdk8s-forge-$NAME-$authority.crt"; then trust=yes; fi
done <<<"$AUTHORITIES"
for file in "$root$anchors/cdk8s-forge-$NAME-"*.crt; do
  authority=${file##*"/cdk8s-forge-$NAME-"} authority=${authority%.crt}
  if [[ -e $file ]] && ! grep -qxF "$authority" <<<"$AUTHORITIES"; then
    trust=yes
    if change "${file#"$root"} is a CA that is no longer declared"; then rm "$file"; fi
  fi
done
if [[ -n $trust && -z $check ]]; then
  command -v "${take[0]}" >/dev/null || fail "${take[0]} does not exist: install the package ca-certificates"
  "${take[@]}" >/dev/null
  restart=yes
fi

# The kernel. A value that works stays as it is, unless this script set it.
conf=/etc/sysctl.d/90-cdk8s-forge-$NAME.conf
lines=''
while read -r name value least most; do
  [[ -n $name ]] || continue
  file=$root/proc/sys/${name//.//}
  if [[ ! -e $file ]]; then
    # Only the kernel of Ubuntu has the setting of AppArmor.
    [[ $name != user.* ]] || fail "the kernel has no user namespaces: $name does not exist"
    continue
  fi
  current=$(<"$file")
  if ((current < least)) || { [[ $most != - ]] && ((current > most)); }; then
    if change "$name is $current"; then printf '%s\n' "$value" >"$file"; fi
  elif ! grep -qsxF "$name = $value" "$root$conf"; then
    continue
  fi
  lines+="$name = $value"$'\n'
done <<<"$SYSCTLS"
if [[ ${lines}. != "$(cat "$root$conf" 2>/dev/null || true; printf .)" ]]; then
  if change "$conf differs"; then
    mkdir -p "$root/etc/sysctl.d"
    if [[ -n $lines ]]; then printf '%s' "$lines" >"$root$conf"; else rm -f "$root$conf"; fi
  fi
fi

if [[ -n $check && -n $differs ]]; then fail 'run install.sh without an argument'; fi
if [[ -z $differs ]]; then
  echo 'up to date'
elif [[ -n $restart ]]; then
  command='start K3s'
  for service in k3s k3s-agent; do
    if [[ -e $root/etc/systemd/system/$service.service ]]; then command="restart K3s: systemctl restart $service"; fi
    if [[ -e $root/etc/init.d/$service ]]; then command="restart K3s: rc-service $service restart"; fi
  done
  printf 'K3s reads the files at its start: %s\n' "$command"
fi
