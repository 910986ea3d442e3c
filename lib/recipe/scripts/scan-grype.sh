# Scans with Grype.
command -v grype >/dev/null || fail 'grype is not on PATH: this step needs an image with Grype'
export GRYPE_CHECK_FOR_APP_UPDATE=false GRYPE_DB_VALIDATE_AGE=true
if [[ $PLAIN_HTTP == yes ]]; then export GRYPE_REGISTRY_INSECURE_USE_HTTP=true; fi
if [[ -n ${CA_PEM:-} ]]; then export GRYPE_REGISTRY_CA_CERT=$work/ca.pem; fi
if [[ -n $CACHE_DIR ]]; then export GRYPE_DB_CACHE_DIR=$CACHE_DIR; fi
if [[ -n $DATABASE ]]; then export GRYPE_DB_UPDATE_URL=$DATABASE; fi
if [[ $OFFLINE == yes ]]; then export GRYPE_DB_AUTO_UPDATE=false GRYPE_DB_VALIDATE_AGE=false; fi
# An empty configuration, unless the program names one: Grype reads .grype.yaml of the directory, which a pull request can change.
configuration=$work/grype.yaml
printf '{}\n' >"$configuration"
scan=(--config "${IGNORE_FILE:-$configuration}" --output "json=$REPORT/report.json" --output "table=$REPORT/report.txt" --output "sarif=$REPORT/report.sarif")
if [[ $IGNORE_UNFIXED == yes ]]; then scan+=(--only-fixed); fi
if [[ $FAIL_ON != NEVER ]]; then scan+=(--fail-on "${FAIL_ON,,}"); fi
status=0
grype "${scan[@]}" "registry:$REFERENCE" || status=$?
case $status in
  0) conclude no ;;
  2) conclude yes ;;
  *) fail "grype ended with $status: it may not reach the registry or its database" ;;
esac
