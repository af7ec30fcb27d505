#!/usr/bin/env bash
# Command lines of dotmailer's API v2, and what PHP's curl sends for the page's sample.
. ./curl.sh
base=$1 user=$2 password=$3 file=$4

say import -u "$user:$password" -F "file=@$file" "$base/v2/contacts/import"
answer=$(curl -sS -u "$user:$password" -H 'Content-Type: multipart/form-data' -H 'Expect: 100-continue' -F "fileData=@$file;filename=contacts.csv" "$base/v2/contacts/import")
import=$(echo "$answer" | member id)
for _ in $(seq 200); do
    curl -sS -u "$user:$password" "$base/v2/contacts/import/$import" | grep -q NotFinished || break
done
say status -u "$user:$password" -H 'Accept: application/json' "$base/v2/contacts/import/$import"
say report -u "$user:$password" "$base/v2/contacts/import/$import/report"
say faults -u "$user:$password" -H 'Accept: application/json' "$base/v2/contacts/import/$import/report-faults"
say base64 -u "$user:$password" -H 'Content-Type: application/json' -H 'Transfer-Encoding: chunked' "$base/v2/contacts/import/with-merge-option/OnlyOverwriteIfNotEmpty" \
    -d "{\"FileName\":\"contacts.csv\",\"Data\":\"$(base64 -w0 "$file")\"}"
say unnamed -u "$user:$password" -F "file=<$file" "$base/v2/contacts/import"
say wrong -u "$user:nothing" "$base/v2/account-info"
