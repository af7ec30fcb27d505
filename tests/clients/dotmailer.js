// dotmailer's calls as its clients write them: axios with form-data and with Base64 in JSON, and unirest. Prints what each call got, a JSON line each.
const axios = require("axios");
const FormData = require("form-data");
const unirest = require("unirest");
const fs = require("fs");

const [base, username, password, file] = process.argv.slice(2);
const url = (path) => `${base}/v2/${path}`;
const auth = { username, password };
const say = (name, status, body) => console.log(JSON.stringify({ name, status, body }));
const done = (name) => (answer) => say(name, answer.status, answer.data);

async function ended(id) {
  for (let i = 0; i < 500; i++) {
    const { status } = (await axios.get(url(`contacts/import/${id}`), { auth })).data;
    if (status !== "NotFinished") return status;
  }
}

async function main() {
  const form = new FormData();
  form.append("file", fs.createReadStream(file));
  const upload = await axios.post(url("contacts/import"), form, { auth, headers: form.getHeaders() });
  say("axios upload", upload.status, upload.data);
  say("axios status", 200, await ended(upload.data.id));
  await axios.get(url(`contacts/import/${upload.data.id}/report`), { auth }).then(done("axios report"));
  await axios.get(url(`contacts/import/${upload.data.id}/report-faults`), { auth, headers: { Accept: "text/csv" } }).then(done("axios faults"));

  const book = await axios.post(url("address-books/"), { name: "axios book", visibility: "public" }, { auth });
  say("axios book", book.status, book.data);
  const encoded = await axios.post(url(`address-books/${book.data.id}/contacts/import/with-merge-option/overwrite`), { filename: "contacts.csv", data: fs.readFileSync(file).toString("base64") }, { auth });
  say("axios base64", encoded.status, encoded.data);
  await ended(encoded.data.id);
  await axios.get(url(`address-books/${book.data.id}/contacts`), { auth, params: { Select: 1, skip: 1, withFullData: "True" } }).then(done("axios page"));
  // A client that sends an empty object with a GET.
  await axios.get(url("account-info"), { auth, data: {} }).then(done("axios account"));
  const collection = await axios.post(url("contacts/import-collection"), { AddressBookIds: [book.data.id], MergeOption: 0, Contacts: [{ Email: "axios-collection@example.com", DataFields: [{ Key: "FIRSTNAME", Value: "Col" }] }] }, { auth });
  say("axios collection", collection.status, collection.data);
  say("axios collected", 200, await ended(collection.data.id));
  await axios.get(url("contacts/axios-collection@example.com"), { auth }).then(done("axios contact"));
  await axios.get(url("contacts/nobody@example.com"), { auth, validateStatus: () => true }).then(done("axios unknown"));

  await new Promise((end) => unirest.post(url("contacts/import")).auth({ user: username, pass: password }).attach("csv", file)
    .end((answer) => { say("unirest upload", answer.status, answer.body); end(); }));
  await new Promise((end) => unirest.post(url("contacts/import")).auth({ user: username, pass: password }).type("json").send({ fileName: "c.csv", data: "not base64!" })
    .end((answer) => { say("unirest refused", answer.status, answer.body); end(); }));
}

main().catch((error) => { console.error(error.message, error.response && error.response.data); process.exit(1); });
