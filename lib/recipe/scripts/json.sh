# A text as a JSON string.
json() {
  local text=$1 code escape
  text=${text//\\/\\\\}
  text=${text//\"/\\\"}
  text=${text//$'\n'/\\n}
  text=${text//$'\r'/\\r}
  text=${text//$'\t'/\\t}
  if [[ $text == *[$'\x01'-$'\x1f\x7f']* ]]; then
    for code in {1..31} 127; do
      printf -v escape '\\x%02x' "$code"
      # shellcheck disable=SC2059 # the character of that code
      printf -v escape "$escape"
      text=${text//"$escape"/ }
    done
  fi
  printf '"%s"' "$text"
}
