#!/usr/bin/env bash
# The command line of Cellcast's page, with this server in place of theirs: the key stands bare in Authorization.
. ./curl.sh
base=$1 key=$2

say bulk --location "$base/api/v1/contact/bulk" --header "Authorization: $key" --header 'Content-Type: application/json' --data-raw '{
    "contacts": [
        {
            "first_name": "John",
            "last_name": "Doe",
            "phone_number": "0400000007",
            "birthday": "1990-01-01",
            "address": "123 Main St",
            "email": "john@example.com",
            "postal_code": "3000",
            "gender": "male",
            "purchase": "yes"
        },
        {
            "first_name": "Jane",
            "phone_number": "61400000008"
        }
    ],
    "tags": ["New User Tag"],
    "list": ["New User List"]
}'
say single --request POST "$base/api/v1/contact/single" --header "APPKEY: $key" --data '{"phone_number":"400000007","first_name":"Johnny","tags":"","list":""}'
say fields --location --request GET "$base/api/v2/contact/fields/available" --header "authorization: bearer $key"
say wrong --location "$base/api/v1/apiClient/account" --header 'Authorization: nobody'
