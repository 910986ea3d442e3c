# Says what was pushed: in the log, as the output `digest`, and in the summary of the run, where the forge shows one.
if [[ $PUSH == yes ]]; then
  digest=$(sed -n '/"containerimage.digest"/{s/.*"containerimage.digest"[^"]*"\(sha256:[0-9a-f]\{64\}\)".*/\1/p;q;}' "$DOCKER_CONFIG/result.json")
  [[ $digest == sha256:* ]] || { printf 'the builder reports no digest of %s\n' "$IMAGE" >&2; exit 1; }
  printf 'digest=%s\nreference=%s@%s\n' "$digest" "$IMAGE" "$digest" >>"${GITHUB_OUTPUT:-/dev/null}"
  for name in "${names[@]}"; do
    printf 'pushed %s@%s\n' "$name" "$digest"
    printf -- "- \`%s\` \`%s\`\n" "$name" "$digest" >>"${GITHUB_STEP_SUMMARY:-/dev/null}"
  done
else
  printf 'built %s, and pushed nothing\n' "$IMAGE"
fi
