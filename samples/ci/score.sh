#!/usr/bin/env bash
# Import the traces of a run, score them, and let the exit code say whether the build may go on:
#
#   bash score.sh traces.jsonl
#   bash score.sh traces.jsonl --score Levenshtein --fail-under Levenshtein=0.3
#
# Whatever follows the file goes to bt: scorers, gates, a judge's model (bt help scoring). REPORTS is the
# folder of the reports (default: reports), BT_PROJECT the project (default: ci).
set -euo pipefail

traces=${1:?"usage: bash score.sh FILE [OPTION…]"}
shift
if [ $# -eq 0 ]; then
    set -- --score Levenshtein --min-pass 'Levenshtein>=0.2:60%' --max-skipped 50%
fi

reports=${REPORTS:-reports}
mkdir -p "$reports"
export BT_STORE=${BT_STORE:-$reports/spans.db} BT_PROJECT=${BT_PROJECT:-ci}

code=0
bt import "$traces" --rejects "$reports/rejects.jsonl" "$@" \
    --jsonl "$reports/results.jsonl" \
    --junit "$reports/junit.xml" \
    --markdown "${GITHUB_STEP_SUMMARY:-$reports/summary.md}" || code=$?

case $code in
    0) echo "Passed." ;;
    3) echo "No verdict: scorers failed or cases are missing. See $reports/results.jsonl" ;;
    4) echo "Failed: scores are too low. See $reports/junit.xml" ;;
    6) echo "The key of the judge is missing or was refused: check the secret." ;;
    7) echo "The judge could not be reached: run the job again." ;;
    *) echo "bt ended with exit code $code (bt help exit-codes)." ;;
esac
exit "$code"
