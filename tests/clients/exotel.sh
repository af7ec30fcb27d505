#!/usr/bin/env bash
# The command lines of Exotel's pages, with this server in place of theirs.
. ./curl.sh
base=$1 key=$2 token=$3 file=$4
at="http://$key:$token@${base#http://}/v2/accounts/acme"

say page -X POST "$at/contacts/csv-upload" -H "Content-Type: multipart/form-data" --data-raw '{"list_name": "xyz", "file_name": "path_of_the_csv_file"}'
say upload -X POST "$at/contacts/csv-upload" -F 'list_name=curl list' -F "file_name=@$file" -F type=static
# With the header that the page has: curl puts its boundary behind it.
answer=$(curl -sS -X POST "$at/contacts/csv-upload" -H "Content-Type: multipart/form-data" -F 'list_name=curl list' -F "file_name=@$file")
list=$(echo "$answer" | member list_sid) upload=$(echo "$answer" | member upload_id)
for _ in $(seq 200); do
    curl -sS "$at/csv-status/$upload" | grep -q in-progress || break
done
say status -X GET "$at/csv-status/$upload"
say list -X GET "$at/lists/$list"
say contacts -X POST "$at/contacts" -H "Content-Type: application/json" -d '{"contacts":[{"number":"+919876500009","first_name":"Asha","custom_field":"gold"},{"number":"98-76"}]}'
say unknown -X GET "$at/campaigns"
