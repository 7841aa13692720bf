// Checks the description of the API by itself, then every reply that test_api gets against it.
// The validator knows the part of JSON Schema that the description uses and stops at any other word.
"use strict";
const { execFileSync } = require("node:child_process");
const [tool, ...tests] = process.argv.slice(2);
const options = { maxBuffer: 1 << 28, encoding: "utf8" };
const text = execFileSync(tool, [], options);
const api = JSON.parse(text);

let count = 0, failed = 0;
function ok(problems, name) {
	count++;
	for (const problem of problems.slice(0, 10))
		console.log("# " + problem);
	console.log(`${problems.length ? "not ok" : "ok"} ${count} - ${name}`);
	failed += problems.length > 0;
}

function resolve(ref) {
	let at = api;
	for (const word of ref.replace(/^#\//, "").split("/"))
		at = at === undefined ? at : at[word];
	return at;
}

// ---- the validator ----

const formats = {
	date: s => /^\d{4}-\d\d-\d\d$/.test(s) && !Number.isNaN(Date.parse(s)),
	"date-time": s => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/.test(s) && !Number.isNaN(Date.parse(s)),
	uuid: s => /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(s),
	uri: s => URL.canParse ? URL.canParse(s) : /^[a-z]+:/.test(s),
};
const types = {
	null: v => v === null,
	object: v => v !== null && typeof v === "object" && !Array.isArray(v),
	array: Array.isArray,
	string: v => typeof v === "string",
	boolean: v => typeof v === "boolean",
	integer: Number.isInteger,
};
const has = (v, name) => Object.prototype.hasOwnProperty.call(v, name);
const isObject = types.object;

// Each word: what is wrong with `v`, which the schema `s` says `x` about.  `seen` collects the
// properties that some schema has described.
const words = {
	title: () => [], description: () => [], default: () => [], maxProperties: () => [],
	$ref: (x, v, at, seen) => check(resolve(x), v, at, seen),
	allOf: (x, v, at, seen) => x.flatMap(s => check(s, v, at, seen)),
	type: (x, v, at) => [x].flat().some(t => types[t](v)) ? [] : [`${at} is no ${x}`],
	format: (x, v, at) => typeof v !== "string" || formats[x](v) ? [] : [`${at}: "${v}" is no ${x}`],
	pattern: (x, v, at) => typeof v !== "string" || new RegExp(x, "u").test(v) ? [] : [`${at}: "${v}" is not ${x}`],
	enum: (x, v, at) => x.includes(v) ? [] : [`${at}: "${v}" is not in the enumeration`],
	const: (x, v, at) => x === v ? [] : [`${at}: "${v}" is not "${x}"`],
	minimum: (x, v, at) => typeof v !== "number" || v >= x ? [] : [`${at}: ${v} is below ${x}`],
	maximum: (x, v, at) => typeof v !== "number" || v <= x ? [] : [`${at}: ${v} is above ${x}`],
	maxLength: (x, v, at) => typeof v !== "string" || [...v].length <= x ? [] : [`${at} is longer than ${x}`],
	maxItems: (x, v, at) => !Array.isArray(v) || v.length <= x ? [] : [`${at} has more than ${x} items`],
	items: (x, v, at) => Array.isArray(v) ? v.flatMap((item, i) => check(x, item, `${at}/${i}`)) : [],
	required: (x, v, at) => isObject(v) ? x.filter(n => !has(v, n)).map(n => `${at} lacks ${n}`) : [],
	properties: (x, v, at, seen) => !isObject(v) ? [] : Object.keys(x).filter(n => has(v, n)).flatMap(n => {
		seen.add(n);
		return check(x[n], v[n], `${at}/${n}`);
	}),
	additionalProperties: (x, v, at, seen, s) => !isObject(v) ? [] :
		Object.keys(v).filter(n => !has(s.properties || {}, n)).flatMap(n => {
			seen.add(n);
			return x === false ? [`${at} may not have ${n}`] : check(x, v[n], `${at}/${n}`);
		}),
	unevaluatedProperties: (x, v, at, seen) => !isObject(v) ? [] :
		Object.keys(v).filter(n => !seen.has(n)).map(n => `${at} may not have ${n}`),
};
const order = name => name === "unevaluatedProperties" ? 1 : 0;

function check(s, v, at, seen = new Set()) {
	if (s === undefined)
		return [`${at}: the schema is missing`];
	return Object.keys(s).sort((a, b) => order(a) - order(b)).flatMap(name =>
		words[name] ? words[name](s[name], v, at, seen, s) : [`${at}: "${name}" is not a word of a schema here`]);
}

// ---- the description by itself ----

const problems = { refs: [], operations: [], parameters: [], words: [] };
(function walk(v, at) {
	if (typeof v !== "object" || v === null)
		return;
	if (typeof v.$ref === "string" && resolve(v.$ref) === undefined)
		problems.refs.push(`${at}: ${v.$ref} leads nowhere`);
	for (const name of Object.keys(v))
		walk(v[name], `${at}/${name}`);
})(api, "#");

const methods = ["get", "put", "post", "delete", "patch"];
const operations = [];
const ids = new Set();
for (const [path, item] of Object.entries(api.paths)) {
	for (const [method, operation] of Object.entries(item)) {
		const at = `${method} ${path}`;
		operations.push({ path, method, operation });
		if (!methods.includes(method))
			problems.operations.push(`${at}: no method`);
		if (ids.has(operation.operationId) || !operation.operationId || !operation.summary)
			problems.operations.push(`${at}: its name is missing or taken`);
		ids.add(operation.operationId);
		const statuses = Object.keys(operation.responses || {});
		if (!statuses.some(s => /^2\d\d$/.test(s)) || !statuses.includes("4XX") || !statuses.includes("5XX"))
			problems.operations.push(`${at}: a response is missing`);
		if ((method === "put" || method === "patch") && !operation.requestBody)
			problems.operations.push(`${at}: no body`);
		if (method !== "get" && (!operation.security || operation.security.some(s => s.session)))
			problems.operations.push(`${at}: a session may not write`);
		const given = operation.parameters.map(p => resolve(p.$ref));
		const inPath = given.filter(p => p.in === "path").map(p => p.name).sort().join();
		const wanted = [...path.matchAll(/\{(\w+)\}/g)].map(m => m[1]).sort().join();
		const all = given.map(p => `${p.in}:${p.name}`);
		if (inPath !== wanted || new Set(all).size !== all.length)
			problems.parameters.push(`${at}: parameters of the path are ${inPath}, not ${wanted}, or twice`);
		for (const requirement of operation.security || [])
			for (const name of Object.keys(requirement))
				if (!api.components.securitySchemes[name])
					problems.operations.push(`${at}: no such security scheme`);
	}
}
for (const [name, schema] of Object.entries(api.components.schemas))
	for (const value of [{}, [], "", 0, true])
		problems.words.push(...check(schema, value, name).filter(p => /no word of a schema|is missing/.test(p)));

ok(api.openapi === "3.1.0" && api.info.title && api.info.version ? [] : ["no head"], "it is OpenAPI 3.1");
ok(text === execFileSync(tool, [], options) ? [] : ["two runs differ"], "it is the same each time");
ok(problems.refs, "every reference leads somewhere");
ok(problems.operations, `each of ${operations.length} operations has a name, responses and a security scheme`);
ok(problems.parameters, "parameters of paths are declared");
ok(problems.words, "schemas use the words that are checked here");

// ---- what the API answers ----

const output = tests.map(test => execFileSync(test, [], { ...options, env: { ...process.env, WARD_API_REPLIES: "1" } })).join("");
const replies = output.split("\n").filter(line => line.startsWith("#reply ")).map(line => {
	const [, method, target, status, type, body] = line.match(/^#reply (\S+) (\S+) (\d+) (\S*) ?(.*?) ?$/);
	return { method, path: target.split("?")[0], status, type: type.split(";")[0], body };
});

function find(reply) {
	const matches = operations.filter(o => o.method === reply.method &&
		new RegExp("^" + o.path.replace(/\./g, "\\.").replace(/\{tile\}/g, ".+").replace(/\{\w+\}/g, "[^/]+") + "$").test(reply.path));
	return matches.sort((a, b) => a.path.split("{").length - b.path.split("{").length)[0];
}

function judge(reply) {
	const at = `${reply.method} ${reply.path} ${reply.status}`;
	const found = find(reply);
	// What is not in the description must be refused.
	const responses = found ? found.operation.responses : { "4XX": api.paths["/api/v1/me"].get.responses["4XX"] };
	let response = responses[reply.status] || responses[reply.status[0] + "XX"];
	if (!response)
		return [`${at}: this status is not described`];
	if (response.$ref)
		response = resolve(response.$ref);
	if (!response.content)
		return reply.body === "" ? [] : [`${at}: a body that is not described`];
	if (!response.content[reply.type])
		return [`${at}: ${reply.type} is not described`];
	if (reply.type === "application/octet-stream")
		return [];
	const schema = response.content[reply.type].schema;
	if (reply.type === "text/plain")
		return check(schema, reply.body, at);
	return check(schema, JSON.parse(reply.body), at);
}

ok(replies.length >= 250 ? [] : [`only ${replies.length}`], "test_api gave its replies");
ok(replies.flatMap(judge), `${replies.length} replies are as described`);

// What the API takes must be described too.
const taken = output.split("\n").filter(line => line.startsWith("#taken ")).map(line => {
	const [, method, target, body] = line.match(/^#taken (\S+) (\S+) (.*)$/);
	return { method, path: target.split("?")[0], body };
});
ok(taken.length >= 120 ? taken.flatMap(request => {
	const content = Object.values(find(request).operation.requestBody.content)[0];
	return check(content.schema, JSON.parse(request.body), `${request.method} ${request.path}`);
}) : [`only ${taken.length}`], `${taken.length} bodies that were taken are as described`);

// The same replies with one thing wrong must not pass.
const missed = [];
for (const reply of replies) {
	const found = find(reply);
	if (!found || !/_record"/.test(JSON.stringify(found.operation)) || !reply.status.startsWith("20") || reply.body === "")
		continue;
	for (const spoil of [v => delete v.ref, v => delete v.rev, v => { v.surprise = 1; }, v => { v.state = "heaven"; },
		v => { v.rev = "1"; }, v => { v.title = 7; }]) {
		const value = JSON.parse(reply.body);
		const record = value.items ? value.items[0] : value;
		if (!record)
			continue;
		spoil(record);
		if (judge({ ...reply, body: JSON.stringify(value) }).length === 0)
			missed.push(`${reply.method} ${reply.path}: ${spoil} went unseen`);
	}
}
ok(missed, "spoilt replies are refused");
console.log(`1..${count}`);
process.exit(failed ? 1 : 0);
