// The vendor page's axios sample, and the same by unirest. Prints what each call got, a JSON line each.
const axios = require("axios");
const unirest = require("unirest");

const [base, key] = process.argv.slice(2);
const say = (name, status, body) => console.log(JSON.stringify({ name, status, body }));

async function main() {
  const data = JSON.stringify({
    contacts: [
      { first_name: "John", last_name: "Doe", phone_number: "0400000000", birthday: "1990-01-01", address: "123 Main St", email: "john@example.com", postal_code: "3000", gender: "male", purchase: "yes" },
      { first_name: "Jane", phone_number: "" },
      { first_name: "Jim", phone_number: "+61400000001" },
      { first_name: "Jo", phone_number: "12" },
    ],
    tags: ["New User Tag"],
    list: ["New User List"],
  });
  const config = { method: "post", maxBodyLength: Infinity, url: `${base}/api/v1/contact/bulk`, headers: { Authorization: `Bearer ${key}`, "Content-Type": "application/json" }, data };
  const bulk = await axios.request(config);
  say("bulk", bulk.status, bulk.data);
  const raw = await axios.request({ ...config, headers: { ...config.headers, Authorization: key } });
  say("raw key", raw.status, raw.data);
  const list = await axios.get(`${base}/api/v2/contact`, { params: { page: 1, limit: 1, tagName: "New User Tag" }, headers: { Authorization: `Bearer ${key}` } });
  say("list", list.status, list.data);
  const none = await axios.request({ ...config, data: JSON.stringify({ contacts: [{ phone_number: "" }] }), validateStatus: () => true });
  say("none", none.status, none.data);
  await new Promise((end) => unirest.post(`${base}/api/v1/contact/bulk`).headers({ Authorization: `Bearer ${key}`, "Content-Type": "application/json" })
    .send({ contacts: [{ phone_number: "0400000003" }] }).end((answer) => { say("unirest bulk", answer.status, answer.body); end(); }));
  await new Promise((end) => unirest.put(`${base}/api/v2/contact/${list.data.data.items[0].ID}`).headers({ Authorization: key }).type("json")
    .send({ "First Name": "Unirest", "Shoe Size": 42 }).end((answer) => { say("unirest put", answer.status, answer.body); end(); }));
}

main().catch((error) => { console.error(error.message, error.response && error.response.data); process.exit(1); });
