// Asks the engine as a program that uses @clickhouse/client does, and prints what it found as JSON.
// Arguments: the engine's address, the file of questions.
import { readFileSync } from "node:fs";
import { createClient } from "@clickhouse/client";

const [url, path] = process.argv.slice(2);
const asked = JSON.parse(readFileSync(path, "utf8"));
const client = createClient({
  url,
  username: "node",
  compression: { response: true, request: true },
  clickhouse_settings: { output_format_json_quote_64bit_integers: 1 },
});

// A value as JSON text: an integer that is too long for JavaScript's numbers came as a text.
function written(value, type) {
  if (value === null) return "null";
  const inner = /^(?:Nullable|LowCardinality)\((.*)\)$/.exec(type);
  if (inner) return written(value, inner[1]);
  const list = /^Array\((.*)\)$/.exec(type);
  if (list) return `[${value.map((one) => written(one, list[1]))}]`;
  if (/^U?Int\d+$/.test(type)) return String(value);
  if (type.startsWith("DateTime")) return JSON.stringify(`${value.replace(" ", "T")}Z`);
  return JSON.stringify(value);
}

async function answer(query, query_params) {
  const result = await client.query({ query, query_params, format: "JSONCompact" });
  const { meta, data } = await result.json();
  const rows = data.map((row) => `[${row.map((value, at) => written(value, meta[at].type))}]`);
  return `{"columns": ${JSON.stringify(meta.map((one) => one.name))}, "rows": [${rows}]}`;
}

async function firsts(query) {
  const result = await client.query({ query, format: "JSONCompactEachRow" });
  return (await result.json()).map((row) => row[0]);
}

async function described(table) {
  const result = await client.query({
    query: "SELECT name, type FROM system.columns WHERE database = 'default' AND table = {table:String}",
    query_params: { table },
    format: "JSONEachRow",
  });
  return (await result.json()).map(({ name, type }) => [name, type]);
}

async function streamed(query) {
  let rows = 0;
  let sum = 0;
  const result = await client.query({ query, format: "JSONCompactEachRow" });
  for await (const some of result.stream()) {
    for (const row of some) {
      rows += 1;
      sum += Number(row.json()[0]);
    }
  }
  return [rows, sum];
}

async function refused(query) {
  try {
    await client.command({ query });
  } catch (error) {
    return `Code: ${error.code}. ${error.message}`;
  }
  return "";
}

async function sent(text) {
  const result = await client.query({
    query: "SELECT {text:String} AS text",
    query_params: { text },
    format: "JSONEachRow",
  });
  return (await result.json())[0].text;
}

const { success } = await client.ping();
if (!success) throw new Error("the engine does not answer");
const answers = [];
for (const query of asked.queries) answers.push(await answer(query.sql));
const found = {
  databases: await firsts("SHOW DATABASES"),
  tables: await firsts("SHOW TABLES"),
  columns: await described(asked.table),
  text: await sent(asked.text),
  long: await streamed(asked.long),
  refused: await refused(asked.write),
};
await client.close();
console.log(`${JSON.stringify(found).slice(0, -1)}, "answers": [${answers}]}`);
