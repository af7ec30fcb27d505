#!/usr/bin/env bash
# Command lines of Netcore's pages: parameters in the query, in the body, and in both.
. ./curl.sh
base=$1 key=$2 path=$3 list=$4

say page --request POST "$base/apiv2?type=contact&activity=bulkupload&apikey=$key&path=$path&listid=$list&notifyemail=a@example.com"
say documented -X POST "$base/apiv2?type=contact&activity=bulkupload&apikey=$key" -H 'Content-Type: application/x-www-form-urlencoded' --data-urlencode "path=$path" -d "listid=$list"
say body --location "$base/apiv2" -d "type=contact&activity=addsync&apikey=$key" --data-urlencode 'data={"EMAIL":"curl+1@example.com","FIRST_NAME":"Zoë & Co"}'
say raw -X POST "$base/apiv2?type=contact&activity=addsync&apikey=$key" -d 'data={"EMAIL":"curl+2@example.com","FIRST_NAME":"R&D"}' -d "listid=$list"
say get -G "$base/apiv2" -d type=contact -d activity=delete -d "apikey=$key" -d data=curl%2B2@example.com -d "listid=$list"
say form "$base/apiv2?type=contact&activity=addsync&apikey=$key" -F 'data={"EMAIL":"curl+3@example.com"}' -F "listid=$list"
say wrong -X POST "$base/apiv2?type=contact&activity=add&apikey=nobody" -d 'data={}'
