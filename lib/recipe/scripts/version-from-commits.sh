# Computes the next version from the commits since the last version tag: the largest change of all of them decides.
# Reads: TAG_PREFIX, INITIAL (the version when there is no tag), MAJOR and MINOR (one prefix a line), CONVENTIONAL (yes, no: also
# `feat(scope):` and `feat!:`), PATHS (one a line; empty for all files).
# Nothing of a message is ever evaluated: messages are compared with fixed text, and only numbers leave the step.
begins() {
  local subject=$1 prefix word
  while IFS= read -r prefix; do
    if [ -z "$prefix" ]; then continue; fi
    if [[ $subject == "${prefix,,}"* ]]; then return 0; fi
    word=${prefix,,}
    word=${word%:}
    if [[ $CONVENTIONAL == yes && $prefix == *: && $subject =~ ^"$word"\([^\)]*\)!?: ]]; then return 0; fi
  done <<<"$2"
  return 1
}
consider() {
  local subject=${1,,}
  if begins "$subject" "$MAJOR" || [[ $CONVENTIONAL == yes && $subject =~ ^[a-z][a-z0-9_-]*(\([^\)]*\))?!: ]]; then
    rank=3
  elif [ "$rank" -lt 2 ] && begins "$subject" "$MINOR"; then
    rank=2
  elif [ "$rank" -lt 1 ]; then
    rank=1
  fi
}
paths=()
while IFS= read -r line; do if [ -n "$line" ]; then paths+=(":(top,literal)$line"); fi; done <<<"$PATHS"

# The next version after one, for a change of this size.
after() {
  local major minor patch
  IFS=. read -r major minor patch <<<"$1"
  case $2 in
    major) printf '%s' "$((major + 1)).0.0" ;;
    minor) printf '%s' "$major.$((minor + 1)).0" ;;
    *) printf '%s' "$major.$minor.$((patch + 1))" ;;
  esac
}

compute() {
  local head released range next rank=0 count=0 message subject body
  head=$(repository rev-parse HEAD)

  # HEAD is released already: by a tag on it, or (an old run that is started again) by the first release that contains it.
  released=$(repository tag --contains "$head" | versions | head -n 1 || true)
  if [ -n "$released" ]; then
    result "$released" "$released" none false
    return
  fi
  previous=$(repository tag --merged "$head" | versions | tail -n 1)
  range=HEAD
  if [ -n "$previous" ]; then range="refs/tags/$TAG_PREFIX$previous..HEAD"; fi
  while IFS= read -r -d '' message; do
    count=$((count + 1))
    subject=${message%%$'\n'*}
    consider "$subject"
    # The forge's merge commits have the title of the pull request inside: in quotes (Gitea, Forgejo), or as the first line after it (GitHub).
    if [[ $subject =~ ^Merge\ pull\ request\ \'(.*)\'\ \([#!][0-9]+\) ]]; then
      consider "${BASH_REMATCH[1]}"
    elif [[ $subject =~ ^Merge\ pull\ request\ #[0-9]+ && $message == *$'\n\n'* ]]; then
      body=${message#*$'\n\n'}
      consider "${body%%$'\n'*}"
    fi
    if [[ $message =~ (^|$'\n')BREAKING[\ -]CHANGE(:|\ |$'\n'|$) ]]; then rank=3; fi
  done < <(repository log -z --format=%B "$range" -- ${paths[@]+"${paths[@]}"})

  if [ "$count" -eq 0 ]; then
    result "${previous:-$INITIAL}" "$previous" none false
    return
  fi
  if [ -z "$previous" ]; then
    next=$INITIAL
    bump=initial
  else
    case $rank in
      3) bump=major ;;
      2) bump=minor ;;
      *) bump='patch' ;;
    esac
    next=$(after "$previous" "$bump")
  fi
  # Another branch, or a run that still builds, may have taken the number.
  while taken "$TAG_PREFIX$next"; do next=$(after "$next" "$bump"); done
  result "$next" "$previous" "$bump" true
}
