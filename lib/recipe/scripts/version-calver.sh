# Computes a calendar version: year, month without a leading zero, and a number that counts the releases of the month. It is a valid
# semantic version. The month is that of the commit, in UTC, so a run that is started again computes the same.
compute() {
  local head released month last
  head=$(repository rev-parse HEAD)
  released=$(repository tag --contains "$head" | versions | head -n 1 || true)
  if [ -n "$released" ]; then
    result "$released" "$released" none false
    return
  fi
  month=$(TZ=UTC repository log -1 --format=%cd --date=format-local:%Y.%m)
  month=${month/.0/.}
  previous=$(repository tag --list | versions | tail -n 1)
  last=$(repository tag --list | versions | while IFS= read -r one; do if [[ $one == "$month".* ]]; then printf '%s\n' "${one##*.}"; fi; done | tail -n 1)
  last=$((${last:--1} + 1))
  while taken "$TAG_PREFIX$month.$last"; do last=$((last + 1)); done
  result "$month.$last" "$previous" calendar true
}
