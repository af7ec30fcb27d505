// The vendor's clients as they are written: axios with form-data, and unirest. Prints what each call got, a JSON line each.
const axios = require("axios");
const FormData = require("form-data");
const unirest = require("unirest");
const fs = require("fs");

const [base, key, token, file] = process.argv.slice(2);
const url = (path) => `${base}/v2/accounts/acme/${path}`;
const auth = { username: key, password: token };
const basic = { Authorization: "Basic " + Buffer.from(`${key}:${token}`).toString("base64") };
const say = (name, status, body) => console.log(JSON.stringify({ name, status, body }));

async function main() {
  const form = new FormData();
  form.append("list_name", "axios list");
  form.append("file_name", fs.createReadStream(file), { filename: "contacts.csv", contentType: "text/csv" });
  form.append("type", "static");
  const upload = await axios.post(url("contacts/csv-upload"), form, { auth, headers: form.getHeaders() });
  say("axios upload", upload.status, upload.data);

  const uploadId = upload.data.response.data.summary.upload_id;
  for (let i = 0; i < 200; i++) {
    const status = await axios.get(url(`csv-status/${uploadId}`), { auth });
    if (status.data.response.data.status === "in-progress") continue;
    say("axios status", status.status, status.data);
    break;
  }

  const created = await axios.post(url("contacts"), { contacts: [{ number: "+919876500001", first_name: "Asha", custom_field: "gold" }] }, { auth });
  say("axios contacts", created.status, created.data);
  const listSid = upload.data.response.data.list.sid;
  const added = await axios.post(url(`lists/${listSid}/contacts`), { contact_references: [{ contact_sid: created.data.response[0].data.sid }] }, { auth });
  say("axios add", added.status, added.data);

  // Pages as a client pages: until one is shorter than was asked for.
  let seen = 0;
  for (let offset = 0; ; offset += 50) {
    const page = (await axios.get(url(`lists/${listSid}/contacts`), { auth, params: { offset, limit: 50 } })).data.response;
    seen += page.length;
    if (page.length < 50) break;
  }
  say("axios paged", 200, seen);

  await new Promise((done) =>
    unirest("POST", url("contacts/csv-upload")).headers(basic)
      .field("list_name", "unirest list").attach("file_name", file).field("type", "static")
      .end((answer) => { say("unirest upload", answer.status, answer.body); done(); }));
  // The vendor page's own sample: multipart/form-data without a boundary, and a path instead of a file.
  await new Promise((done) =>
    unirest("POST", url("contacts/csv-upload")).headers({ ...basic, "Content-Type": "multipart/form-data" })
      .send(JSON.stringify({ list_name: "xyz", filepath: "/path/to/file.csv" }))
      .end((answer) => { say("unirest sample", answer.status, answer.body); done(); }));
  const refused = await axios.get(url("lists"), { auth: { username: key, password: "wrong" }, validateStatus: () => true });
  say("axios refused", refused.status, refused.data.response.error_data.description);
}

main().catch((error) => { console.error(error.message, error.response && error.response.data); process.exit(1); });
