"""The Python client's forms: requests with files=, with the file first, and the PUT with its junk part. Prints a JSON line for each call."""
import json
import sys
from urllib.parse import urljoin

import requests

base, key, token, path = sys.argv[1:]
host = base.split("//")[1]


def say(name, answer):
    print(json.dumps({"name": name, "status": answer.status_code, "body": answer.json()}))


def url(rest):
    return urljoin(f"http://{key}:{token}@{host}", f"v2/accounts/acme/{rest}")


with open(path, "rb") as file:
    upload = requests.post(url("contacts/csv-upload"), files={"file_name": file}, data={"list_name": "requests list", "type": "static"}, auth=(key, token))
say("upload", upload)
list_sid = upload.json()["response"]["data"]["list"]["sid"]
with open(path, "rb") as file:
    say("put", requests.put(url(f"contacts/csv-upload/{list_sid}"), files={"file_name": file, "file_path": (None, path)}))
say("headers", requests.get(url(f"contacts/csv-upload/{list_sid}?type=dynamic")))
say("deleted", requests.delete(url(f"lists/{list_sid}")))
gone = requests.get(url(f"lists/{list_sid}"))
print(json.dumps({"name": "gone", "status": gone.status_code, "body": gone.json()["response"]["error_data"]["description"]}))
