/* The members that ward-api(7) lists, schema by schema, against the description of the API: told by
   manual.t.  With "write" prints that part of the manual. */
const fs = require("fs");
const all = JSON.parse(fs.readFileSync("test/golden/openapi.json", "utf8")).components.schemas;

/* The members of a schema, those inside it behind their own name. */
function members(schema) {
	const out = [];
	for (const [name, inner] of Object.entries(schema.properties || {})) {
		out.push(name);
		out.push(...members(inner.items || inner));
	}
	for (const name of (schema.properties ? [] : schema.required || []))
		out.push(name);
	return out;
}

/* Bodies of requests, and the schemas of kinds, whose fields GET /kinds lists. */
const isListed = (name) => !/_record$|^(write_head|triage_decision|triage_answer|model_acts|backlog_file|move|withdraw|token_new|link_new|link_seen)$/
	.test(name) && !(all[name + "_record"] || /_(fields|patch)$/.test(name)) && members(all[name]).length > 0;
const said = {};
for (const name of Object.keys(all))
	if (isListed(name) && !all[name].properties?.need_to_know)
		said[name] = [...new Set(members(all[name]))];

if (process.argv[2] === "write") {
	for (const [name, list] of Object.entries(said))
		console.log(`.It ${name}\n.Ql ${list.join(" ,\n.Ql ")}`);
	process.exit(0);
}
const text = fs.readFileSync(process.argv[2], "utf8");
const part = /\.Ss Answers\n([^]*?)\n\.Ss /.exec(text)?.[1] || "";
const listed = {};
for (const [, name, body] of part.matchAll(/\.It (\w+)\n([^]*?)(?=\n\.It |\n\.El)/g))
	listed[name] = [...body.matchAll(/^\.Ql (\S+)/gm)].map((m) => m[1]);
let faults = Object.keys(said).length > 20 ? 0 : 1;
for (const name of new Set([...Object.keys(said), ...Object.keys(listed)])) {
	const want = said[name] || [], have = listed[name] || [];
	for (const m of want.filter((x) => !have.includes(x)))
		console.log(`# ${name} has ${m}, the manual does not say so`), faults++;
	for (const m of have.filter((x) => !want.includes(x)))
		console.log(`# ${name} has no ${m}, the manual says so`), faults++;
}
process.exit(faults ? 1 : 0);
