#!/bin/sh
# Prints the login at the registry, as a credential helper of Docker does. Reads: the files username and password in LOGIN_FOLDER.
# Without LOGIN_FOLDER, the login is empty: distribution then asks without one.
set -eu
json() {
  text=$(cat "$LOGIN_FOLDER/$1")
  # A file may end with a newline, which does not belong to the value.
  printf '%s' "$text" | tr -d '\r\n' | sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/	/\\t/g'
}
if [ -z "${LOGIN_FOLDER:-}" ]; then
  printf '{"Username":"","Secret":""}\n'
else
  username=$(json username)
  password=$(json password)
  printf '{"Username":"%s","Secret":"%s"}\n' "$username" "$password"
fi
