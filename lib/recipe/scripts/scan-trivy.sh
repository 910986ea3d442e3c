# Scans with Trivy. Reads also: JAVA_DATABASE (a mirror, or empty).
command -v trivy >/dev/null || fail 'trivy is not on PATH: this step needs an image with Trivy'
case $FAIL_ON in
  LOW) severities=LOW,MEDIUM,HIGH,CRITICAL ;;
  MEDIUM) severities=MEDIUM,HIGH,CRITICAL ;;
  HIGH) severities=HIGH,CRITICAL ;;
  *) severities=CRITICAL ;;
esac
# Nothing is ignored and configured but by the program: Trivy reads trivy.yaml and .trivyignore of the directory, which a pull request can
# change. The image is read from the registry: the Docker daemon of the job may have another one of the name.
: >"$work/empty"
scan=(image --config "$work/empty" --ignorefile "${IGNORE_FILE:-$work/empty}" --image-src remote --scanners vuln --format json --output "$REPORT/report.json")
convert=(convert --config "$work/empty" --ignorefile "$work/empty")
if [[ $PLAIN_HTTP == yes ]]; then scan+=(--insecure); fi
if [[ $IGNORE_UNFIXED == yes ]]; then scan+=(--ignore-unfixed); fi
if [[ -n $CACHE_DIR ]]; then scan+=(--cache-dir "$CACHE_DIR") convert+=(--cache-dir "$CACHE_DIR"); fi
if [[ -n $DATABASE ]]; then scan+=(--db-repository "$DATABASE"); fi
if [[ -n $JAVA_DATABASE ]]; then scan+=(--java-db-repository "$JAVA_DATABASE"); fi
if [[ $OFFLINE == yes ]]; then scan+=(--skip-db-update --skip-java-db-update --offline-scan); fi
trivy "${scan[@]}" -- "$REFERENCE"
trivy "${convert[@]}" --format table --output "$REPORT/report.txt" "$REPORT/report.json"
trivy "${convert[@]}" --format sarif --output "$REPORT/report.sarif" "$REPORT/report.json"
found=no
if [[ $FAIL_ON != NEVER ]]; then
  status=0
  trivy "${convert[@]}" --severity "$severities" --exit-code 9 --format json --output "$REPORT/found.json" "$REPORT/report.json" || status=$?
  rm -f "$REPORT/found.json"
  case $status in 0) ;; 9) found=yes ;; *) fail "trivy ended with $status" ;; esac
fi
conclude "$found"
