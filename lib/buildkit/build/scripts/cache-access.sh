# The cache of GitHub needs what the runner shows to actions only. Without it, the build does without the cache.
if [[ -z ${ACTIONS_RUNTIME_TOKEN:-} ]]; then
  printf '::warning::the step has no ACTIONS_RUNTIME_TOKEN: it builds without the cache of GitHub\n'
  CACHE_FROM='' CACHE_TO=''
fi
