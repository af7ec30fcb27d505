// Netcore's calls as its clients write them: axios with a form, with everything in the query, with raw JSON; form-data; unirest. Prints what each call got, a JSON line each.
const axios = require("axios");
const FormData = require("form-data");
const unirest = require("unirest");

const [base, key, path, list] = process.argv.slice(2);
const url = `${base}/apiv2`;
const say = (name, status, body) => console.log(JSON.stringify({ name, status, body }));
const called = (activity) => `${url}?type=contact&activity=${activity}&apikey=${key}`;
const done = (name) => (answer) => say(name, answer.status, answer.data);

async function main() {
  await axios.post(url, null, { params: { type: "contact", activity: "bulkupload", apikey: key, path, listid: list } }).then(done("axios query"));
  await axios.post(called("bulkupload"), new URLSearchParams({ path, listid: list })).then(done("axios form"));
  const data = JSON.stringify({ EMAIL: "axios+1@example.com", FIRST_NAME: "R&D", MOBILE: 919876543210 });
  await axios.post(called("addsync"), `data=${data}&listid=${list}`).then(done("axios raw json"));
  await axios.post(called("addsync"), `data=${encodeURIComponent(data)}`, { headers: { "Content-Type": "application/json" } }).then(done("axios json type"));
  await axios.get(url, { params: { type: "contact", activity: "addsync", apikey: key, data } }).then(done("axios get"));
  const form = new FormData();
  form.append("data", data.replace("+1", "+2"));
  form.append("listid", list);
  await axios.post(called("addsync"), form, { headers: form.getHeaders() }).then(done("form-data"));
  await axios.post(called("addsync"), "data={}", { validateStatus: () => true }).then(done("axios refused"));
  await new Promise((end) => unirest.post(url).type("form").send({ type: "contact", activity: "addsync", apikey: key, data: data.replace("+1", "+3"), listid: list })
    .end((answer) => { say("unirest form", answer.status, answer.body); end(); }));
  await new Promise((end) => unirest.get(url).query({ type: "contact", activity: "delete", apikey: key, data: "axios+1@example.com", listid: list })
    .end((answer) => { say("unirest get", answer.status, answer.body); end(); }));
}

main().catch((error) => { console.error(error.message, error.response && error.response.data); process.exit(1); });
