/* The walk: every part is told in web.t. */
import { readFileSync } from "node:fs";
import { done, is, none, note, ok, part } from "../../browser/tap.js";
import { answerFault, childOf, cleanUp, Client, folder, formOf, isAlive, keeperOf, plain, raw, serve, sleep, ticks,
	ward } from "./client.mjs";

const store = `${folder}/example`;
const roles = { tomas: "R-PSL", mei: "R-SA", hanna: "R-QA", auditor: "R-AUD" };
const risk = { title: "Walk <b>&amp; \"risk\"", domain: "product_security", owner: "R-PO", rating: "0" };
const who = {};
let server, token;
const records = {}, states = {}, kind_moves = {};

const newest = async () => JSON.parse((await who.tomas.get("/api/v1/ledger?limit=1")).text).items[0].seq;

/* Entries since `seq`, oldest first, once what was refused has been written. */
async function since(seq, at_least = 0) {
	for (let n = 0; n < 40 && await newest() < seq + at_least; n++)
		await sleep(50);
	const all = JSON.parse((await who.tomas.get("/api/v1/ledger?limit=100")).text).items;
	return all.filter((e) => e.seq > seq).reverse();
}

const acts = (entries) => entries.map((e) => e.act).join(" ");

async function create(c, kind, fields) {
	const path = `/records/${kind}/new`;
	const r = await c.post(path, { ...formOf((await c.get(path)).text, path), ...fields });
	if (r.status !== 303)
		throw new Error(`${kind} was not recorded: ${r.status}\n${r.text.match(/<li><a.*/g)}`);
	return r.headers.location.slice(1);
}

const formFor = async (c, ref) => formOf((await c.get(`/${ref}/edit`)).text, `/${ref}`);

/* ---- the parts ---- */

async function signingIn() {
	const c = new Client(server.port), keeper = await keeperOf(server);
	let r = await c.signIn("hanna", "wrong, \"entirely\"");

	is(r.status, 422, "a wrong password is 422");
	ok(r.text.includes("The name or the password is not right."), "and says so", r.text);
	ok(/name="name"[^>]*value="hanna"/.test(r.text) && !r.text.includes("entirely"),
		"the name is kept, the password is not");
	r = await c.ask("POST", "/login", { form: { name: "hanna", password: "correct horse battery staple", to: "/risks" } });
	is(`${r.status} ${r.headers.location}`, "303 /risks", "the right one leads on");
	ok(/^ward-local-\d+=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=\d+$/.test(r.headers["set-cookie"]?.[0]),
		"the cookie: HttpOnly, SameSite=Lax, named for loopback", r.headers["set-cookie"]);

	const used = async (name) => {
		const before = ticks(keeper);
		is((await c.signIn(name, "wrong")).status, 422, `${name} with a wrong password`);
		return ticks(keeper) - before;
	};
	const known = await used("hanna"), unknown = await used("nobody");
	ok(unknown >= known / 2 && unknown > 0, "an unknown name costs as much as a known one", known, unknown);
	for (let n = 1; n < 5; n++)
		await c.signIn("nobody", "wrong");
	r = await c.signIn("nobody", "wrong");
	ok(r.status === 422 && /wait \d+ seconds?/.test(r.text), "the sixth failure waits, and says how long", r.text);

	for (const name of Object.keys(roles)) {
		who[name] = new Client(server.port);
		is((await who[name].signIn(name)).status, 303, `${name} signs in`);
	}
	for (const [name, may] of [["hanna", false], ["auditor", true]])
		is((await who[name].get("/tasks")).text.includes("Show the ledger"), may,
			`${name} is ${may ? "" : "not "}led to the ledger`);
	const other = new Client(server.port);
	await other.signIn("tomas");
	r = await other.post("/logout");
	is(`${r.status} ${r.headers.location}`, "303 /login", "sign-out leads to the sign-in");
	r = await other.get("/risks?page=1");
	is(`${r.status} ${r.headers.location}`, "303 /login?to=%2Frisks%3Fpage%3D1", "the old cookie opens nothing");
	for (const to of ["//evil.example", "https://evil.example", "/\\evil.example", "/\t/evil.example", "javascript:1"]) {
		r = await other.signIn("mei", undefined, to);
		is(r.headers.location, "/", `to=${JSON.stringify(to)} stays here`);
	}
}

/* Every route of the golden matrix. */
function readMatrix() {
	const lines = readFileSync("test/golden/access.txt", "utf8").split("\n");
	const routes = [], kinds = {};
	let head;

	for (const line of lines) {
		const route = /^(GET|POST|PUT|PATCH|DELETE)\s+(\S+)\s+(.+)$/.exec(line);
		const words = line.trim().split(/\s+/);
		if (route)
			routes.push({ method: route[1], path: route[2], right: route[3] });
		else if (words[0] === "kind")
			head = words.slice(1);
		else if (words.length > 10)
			kinds[words[0]] = Object.fromEntries(head.map((h, i) => [`R-${h}`, words[i + 1]]));
	}
	return { routes, kinds };
}

/* The addresses of one route, each with whether `role` may. */
function addresses(route, role, kinds, names) {
	const writes = route.method !== "GET" || route.path.endsWith("/new") || route.path.endsWith("/edit");
	const fill = (path) => path.replace(":catalog", "iso-14971-2019").replace(":view", "update").replace(":entry", "7").replace(":seq", "7")
		.replace("v1/search", "v1/search?q=risk").replace("/consistency", "/consistency?old=7")
		.replace("/latest", `/latest?object=risk:${records.risk}`)
		.replace("entries/*", "entries/000.p/7").replace("tile/*", "tile/0/000.p/7");

	if (route.right !== "as the kind says") {
		const may = route.right.startsWith("anybody") || route.right.split(" ").includes(role);
		const ref = route.path.includes("/views/") ? records.view : records.product;
		return [{ path: fill(route.path).replace(":REF", ref), may }];
	}
	return Object.keys(kinds).filter((k) => records[k]).map((k) => ({
		path: route.path.replace(":kind", k).replace(":plural", names[k]).replace(":REF", records[k]),
		may: kinds[k][role].includes(writes && !/link/.test(route.path) ? "w" : "r"), kind: k,
	}));
}

async function everyRoute() {
	const { routes, kinds } = readMatrix(), names = {};
	const listed = JSON.parse((await who.tomas.get("/api/v1/kinds")).text);

	ok(routes.length >= 55 && Object.keys(kinds).length === 60, "the matrix was read", routes.length);
	for (const k of listed.items) {
		names[k.name] = k.path.replace("/api/v1/", "");
		kind_moves[k.name] = k.moves;
	}
	for (const k of Object.keys(kinds)) {
		const list = JSON.parse((await who.tomas.get(`/records/${k}.json`)).text);
		if (list.items.length) {
			records[k] = list.items[0].ref;
			states[k] = list.items[0].state;
		}
	}
	note(`${Object.keys(records).length} kinds have records`);
	ok(Object.keys(records).length >= 50, "most kinds have a record to ask for");
	for (const [name, role] of Object.entries(roles))
		await routesOf(name, role, routes, kinds, names);
	const css = /href="(\/a\/[^"]+\.css)"/.exec((await who.mei.get("/risks")).text)[1];
	const r = await who.mei.get(css);
	is(`${r.status} ${r.headers["cache-control"]} ${r.headers["x-content-type-options"]}`,
		"200 public, max-age=31536000, immutable nosniff", "an asset may be kept for ever");
}

async function routesOf(name, role, routes, kinds, names) {
	const faults = [], before = await newest();
	let refused = 0, asked = 0, moved = 0;

	for (const route of routes.filter((r) => r.method === "GET"))
		for (const { path, may } of addresses(route, role, kinds, names)) {
			const url = path === "/setup" ? "/setup?token=x" : path;
			const r = await who[name].get(url), fault = answerFault(path.split("?")[0], r);
			asked++;
			refused += r.status === 403 && path !== "/setup";
			if (path !== "/setup" && (may ? ![200, 303].includes(r.status) : ![403, 404].includes(r.status)))
				faults.push(`GET ${path}: ${r.status}, ${may ? "has" : "has not"} the right`);
			if (fault)
				faults.push(`GET ${path}: ${fault}`);
		}
	none(faults, `${name}: ${asked} reads are answered as the matrix says`);
	/* Refusals of one person are told together: the first four, then at each power of two. */
	const left = await since(before), entries = left.length, most = 5 + Math.ceil(Math.log2(refused + 1));
	ok(left.every((e) => e.act === "access.denied") && entries <= most,
		`${name}: reads leave no entry but few for the ${refused} refusals`, `${entries}, ${most} at the most`);
	note(`${entries} entries seen`);

	faults.length = 0;
	for (const route of routes.filter((r) => r.method === "POST" && r.right === "as the kind says" && !r.path.startsWith("/api")))
		for (const { path, may, kind } of addresses(route, role, kinds, names)) {
			const is_move = route.path === "/:REF/move", is_link = /link/.test(route.path);
			/* Without the right, a move that there is; with it, one that there is not. */
			const move = !may && is_move && kind_moves[kind].find((m) =>
				m.from === states[kind] && m.right === `${kind}.write`);
			const r = await who[name].post(path, { rev: "x", title: "", to: move ? move.to : "nowhere" });
			const fault = answerFault(path, r);
			const want = is_link ? [422] : is_move && !move ? [409] : may ? [400, 422] : [403, 404];
			moved += Boolean(move);
			if (!want.includes(r.status))
				faults.push(`POST ${path}: ${r.status}, ${may ? "has" : "has not"} the right`);
			if (fault)
				faults.push(`POST ${path}: ${fault}`);
		}
	note(`${moved} moves tried without the right`);
	none(faults, `${name}: empty forms are refused or sent back, as the matrix says`);
}

async function forged() {
	const c = who.mei, ref = await create(c, "risk", risk), form = await formFor(c, ref);
	const json = async () => (await c.get(`/${ref}.json`)).text;
	const was = await json(), before = await newest();
	const send = (csrf, headers) => c.ask("POST", `/${ref}`, { form: { ...form, title: "forged", csrf }, headers });

	is((await send("")).status, 403, "a form without a token");
	is((await send(who.tomas.csrf)).status, 403, "a form with the token of another session");
	is((await send(c.csrf, { Origin: "https://evil.example" })).status, 403, "a foreign Origin");
	is((await send(c.csrf, { Origin: "null" })).status, 403, "an Origin that is null");
	is((await send(c.csrf, { "Sec-Fetch-Site": "cross-site" })).status, 403, "Sec-Fetch-Site: cross-site");
	is((await send(c.csrf, { "Sec-Fetch-Site": "same-site" })).status, 403, "Sec-Fetch-Site: same-site");
	is(await json(), was, "nothing was changed by them");
	is(acts(await since(before)), "", "and no right was refused");
	is((await send(c.csrf, { Origin: `http://127.0.0.1:${server.port}`, "Sec-Fetch-Site": "same-origin",
		Host: `127.0.0.1:${server.port}` })).status, 303, "our own form is taken");
	is((await c.ask("PATCH", `/api/v1/risks/${ref}`, { body: "{}",
		headers: { "Content-Type": "application/json" } })).status, 401, "a cookie alone writes nothing over the API");
}

/* Mei and Tomas edit from the same revision; Tomas saves first. */
async function conflict(ref, form) {
	const c = who.mei, json = async () => JSON.parse((await c.get(`/${ref}.json`)).text);

	is((await who.tomas.post(`/${ref}`, { ...form, csrf: who.tomas.csrf, title: "the first one", event: "of Tomas" })).status,
		303, "somebody saves first");
	let r = await c.post(`/${ref}`, { ...form, title: "the second one", cause: "of Mei", reason: "a reason & more" });
	is(r.status, 409, "a stale revision");
	const page = plain(r.text), table = page.slice(page.indexOf("<tbody>"), page.indexOf("</tbody>"));
	ok(/<del>the first one<\/del>/.test(table) && /<ins>the second one<\/ins>/.test(table), "shows what both typed", table);
	ok(/<del><\/del>[^]*<ins>of Mei<\/ins>/.test(table), "and what was typed alone", table);
	is((table.match(/<tr>/g) || []).length, 2, "and no field that was left alone");
	ok(/saved version 2 on/.test(page) && page.includes("Tomas"), "says who saved and what");
	ok(new RegExp(`<a class="btn" href="/${ref}" data-drop>`).test(r.text), "with a way to drop it");
	const again = formOf(r.text, `/${ref}`);
	is(again.rev, "2", "the form goes on from the newer revision");
	is(`${again.title}, ${again.cause}, ${again.event}`, "the second one, of Mei, of Tomas",
		"holds what was typed, and the newer value of what was not");
	is((await who.tomas.post(`/${ref}`, { ...await formFor(who.tomas, ref), domain: "safety" })).status, 303, "somebody is first again");
	r = await c.post(`/${ref}`, again);
	is(r.status, 409, "and it is a conflict again");
	r = await c.post(`/${ref}`, formOf(r.text, `/${ref}`));
	is(r.status, 303, "one press more saves it");
	const now = { ...await json(), rev: (await formFor(c, ref)).rev };
	is(`${now.rev} ${now.title}, ${now.cause}, ${now.event}, ${now.domain}`, "4 the second one, of Mei, of Tomas, safety",
		"with what both did");
	r = await c.post(`/${ref}`, { ...form, title: "the second one", cause: "of Mei", csrf: c.csrf });
	ok(r.status === 409 && r.text.includes("nothing left to save") && !r.text.includes('name="rev"'),
		"what is saved already needs no form", r.status);
	r = await c.post(`/${ref}`, { ...form, rev: "99", title: "from nowhere" });
	ok(r.status === 409 && formOf(r.text, `/${ref}`).title === "from nowhere", "a revision that never was keeps what was typed", r.status);

	const force = JSON.parse((await c.get("/records/risk.json?state=treated")).text).items[0].ref;
	const held = await formFor(c, force);
	is((await c.post(`/${force}`, { ...await formFor(c, force), monitoring: "one", reason: "first" })).status, 303, "a record in force");
	r = await c.post(`/${force}`, { ...held, monitoring: "two", reason: "my \"reason\"" });
	is(formOf(r.text, `/${force}`).reason, "my \"reason\"", "keeps the reason typed");
	r = await c.post(`/${force}`, formOf(r.text, `/${force}`));
	is(r.status, 303, "which is enough to save it");
	ok(plain((await c.get(`/${force}/history`)).text).includes("my \"reason\""), "and stands in the history");
}

/* A table in a record, and persons named: what differs is shown as people read it. */
async function history() {
	const c = who.mei, ref = await create(c, "asset", { title: "Gate", type: "place", owner: "R-PO", maintenance: "0" });
	const path = `/${ref}`;
	const row = (n, on, what, by) => Object.fromEntries(Object.entries({ on, what, by })
		.map(([k, v]) => [`maintenance.${n}.${k}`, v]));
	const rate = async (more) => {
		const form = await formFor(c, ref);
		return c.post(path, { ...form, ...more });
	};
	is((await rate({ ...row(0, "2026-09-01", "oiled", "P01"), ...row(1, "2026-09-02", "painted", "P02") })).status, 303, "rows are added");
	let page = plain((await c.get(`${path}/history`)).text);
	is((page.match(/>Added<\/span> row \d/g) || []).join(), ">Added</span> row 1,>Added</span> row 2", "the history says so");
	ok(/<dt>What was done<\/dt><dd><del><\/del> <ins>oiled<\/ins>/.test(page), "with columns by their labels", page);
	const mei = JSON.parse((await c.get("/P02.json")).text).title;
	ok(page.includes(`<ins>P02 ${mei}</ins>`), "and people by their names", mei);
	ok(!/[[{]"/.test(page.slice(page.indexOf("<main"))), "nothing is raw JSON");
	is((await rate({ "maintenance.1.what": "papered", owner: "R-SA" })).status, 303, "a row is changed");
	page = plain((await c.get(`${path}/history`)).text);
	ok(/>Changed<\/span> row 2/.test(page) && /<del>painted<\/del> <ins>papered<\/ins>/.test(page), "the history shows the cell");
	ok(!/row 1</.test(page), "and not the row that stayed");
	ok(/<del>R-PO [A-Z][^<]+<\/del>/.test(page) && /<ins>R-SA [A-Z][^<]+<\/ins>/.test(page), "a reference has its title");
	const emptied = Object.fromEntries(Object.keys(await formFor(c, ref)).filter((k) => k.startsWith("maintenance.0.")).map((k) => [k, ""]));
	is((await rate(emptied)).status, 303, "a row is removed");
	page = plain((await c.get(`${path}/history`)).text);
	ok(/>Removed<\/span> row 1/.test(page) && !/>Changed</.test(page), "and is the only difference");
}

/* A table that only grows: rows that were saved are no inputs, and what is sent of them is refused. */
async function growing() {
	const c = who.mei, ref = await create(c, "risk", risk), path = `/${ref}`;
	const row = (n, severity) => Object.fromEntries(Object.entries({ at: "2026-09-30T06:41:00Z", stage: "inherent", severity,
		exploitability: "1" }).map(([k, v]) => [`rating.${n}.${k}`, v]));

	is((await c.post(path, { ...await formFor(c, ref), ...row(0, "4") })).status, 303, "a rating is added");
	const form = await formFor(c, ref);
	ok(!("rating.0.severity" in form) && "rating.1.severity" in form, "and is no input any more");
	is((await c.post(path, { ...form, "rating.0.severity": "1" })).status, 422, "nor changed");
	is((await c.post(path, { ...form, rating: "0" })).status, 422, "nor left out");
	is((await c.post(path, { ...form, ...row(1, "3") })).status, 303, "a second one stands behind it");
	const rating = JSON.parse((await c.get(`${path}.json`)).text).rating;
	is(rating.map((r) => r.severity).join(), "4,3", "in the order in which they came");
	ok(rating.every((r) => r.recorded), "each with its time", JSON.stringify(rating));
}

/* What was approved stays in force; the change stands beside it until others approve it. */
async function pending() {
	const c = who.tomas, ref = await create(c, "document", { title: "Walked", type: "procedure", author: "P02", summary: "First" });
	const path = `/${ref}`, move = async (by, to, extra) => by.post(`${path}/move`, { ...await moveForm(by, to), ...extra });
	const moveForm = async (by, to) => {
		const text = (await by.get(path)).text, forms = text.split("<form ").filter((f) => f.includes(`action="${path}/move"`));
		const form = forms.find((f) => f.includes(`name="to" value="${to}"`)) || "";
		return { csrf: by.csrf, to, rev: (/name="rev" value="(\d+)"/.exec(form) || [])[1] };
	};
	const signed = (name) => ({ name, password: "correct horse battery staple" });

	is((await move(c, "in_review", {})).status, 303, "a document is sent to review");
	is((await move(who.hanna, "approved", signed("hanna"))).status, 303, "and approved");
	is((await c.post(path, { ...await formFor(c, ref), summary: "Second", reason: "a change" })).status, 303, "who changes it");
	let text = (await c.get(path)).text;
	is(JSON.parse((await c.get(`${path}.json`)).text).summary, "First", "leaves in force what was approved");
	ok(text.includes("Pending revision") && text.includes("<ins>Second</ins>") && text.includes("<del>First</del>"), "sees both, and the difference");
	is(JSON.parse((await c.get(`${path}.json?rev=pending`)).text).summary, "Second", "and the pending one alone");
	ok((await c.get(`${path}?rev=pending`)).text.includes("This is a pending revision"), "which says what it is");
	is((await move(c, "in_review", {})).status, 303, "it is sent to review");
	is((await c.post(`${path}/move`, { ...await moveForm(who.hanna, "approved"), csrf: c.csrf, ...signed("tomas") })).status,
		403, "not approved by who wrote it");
	is((await move(who.hanna, "approved", signed("hanna"))).status, 303, "but by somebody else");
	is(JSON.parse((await c.get(`${path}.json`)).text).summary, "Second", "and is in force then");
	ok(!(await c.get(path)).text.includes("Pending revision"), "with nothing pending");
	is((await c.get(`${path}?rev=pending`)).status, 404, "which an address says, too");
	is((await c.post(path, { ...await formFor(c, ref), summary: "Third", reason: "again" })).status, 303, "another change");
	const rev = (/withdraw"[^]*?name="rev" value="(\d+)"/.exec((await c.get(path)).text) || [])[1];
	is((await who.auditor.post(`${path}/withdraw`, { csrf: who.auditor.csrf, rev })).status, 403, "is not for everybody to withdraw");
	is((await c.post(`${path}/withdraw`, { csrf: c.csrf, rev, reason: "no need" })).status, 303, "but for who may write");
	is((await c.post(`${path}/withdraw`, { csrf: c.csrf, rev })).status, 409, "once");
	is(JSON.parse((await c.get(`${path}.json`)).text).summary, "Second", "and what is in force stays");
	text = plain((await c.get(`${path}/history`)).text);
	ok((text.match(/pending/g) || []).length >= 4, "the history has them all", text.match(/pending/g));
}

/* A signature is proved by the person of the session, and by nobody else: Argon2 is not run for them. */
async function foreignProofs() {
	const c = who.mei, ref = await create(c, "risk", risk), stranger = new Client(server.port);
	const keeper = await keeperOf(server), form = { to: "analysed", name: "tomas", password: "guessed" };
	const cost = async (asked) => {
		const before = ticks(keeper);
		for (let n = 0; n < 8; n++)
			await asked();
		return ticks(keeper) - before;
	};
	const one = await cost(() => stranger.signIn("walk-in", "guessed")) / 5;
	let r;

	ok(one > 0, "a sign-in that fails costs time; the sixth and later wait", one);
	const free = async (name, asked) => ok(await cost(asked) < one, `${name} costs none`, one);
	await free("a move without a session", async () => { r = await stranger.post(`/${ref}/move`, form); });
	is(`${r.status} ${r.headers.location}`, "303 /login", "and is told to sign in");
	await free("a move with a forged token", async () => {
		r = await c.ask("POST", `/${ref}/move`, { form: { ...form, csrf: who.tomas.csrf } });
	});
	is(r.status, 403, "and is refused");
	await free("a move in somebody else's name", async () => { r = await c.post(`/${ref}/move`, form); });
	ok(r.status === 422 && r.text.includes("yourself"), "and says whose name is wanted", r.status);
	is((await new Client(server.port).signIn("tomas")).status, 303, "the one named does not wait for it");
}

async function badInput() {
	const c = who.mei, path = "/records/risk/new";
	const want = async (status, url, name) => {
		const r = await c.get(url);
		is(r.status, status, name);
		none([answerFault(url.split("?")[0], r)].filter(Boolean), `${name}: a whole answer`);
		return r;
	};
	await want(404, "/records/nothing", "an unknown kind");
	await want(404, "/RSK-99999", "an unknown record");
	await want(422, "/records/risk?colour=red", "a filter by an unknown field");
	await want(422, "/risks?at=garbage", "an unreadable day");
	await want(422, "/records/risk?page=0", "page 0");
	await want(422, "/records/risk?sort=nonsense", "sorted by nothing");
	await want(422, "/records/risk?sort=rating", "sorted by a table");
	await want(422, "/records/risk?rating=x", "filtered by a table");
	await want(422, "/records/risk?sort=details", "sorted by a secret field");
	await want(422, "/records/person?emergency_contact=x", "filtered by a secret field");
	for (const p of ["/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/a/..%2f..%2fetc/passwd", "/a/../../etc/passwd"])
		is((await c.get(p)).status, 404, `${p} is nowhere`);
	is((await c.get(`/search?q=${"x".repeat(9000)}`)).status, 414, "a very long address");
	is((await c.get(`/${"%41".repeat(2600)}`)).status, 404, "an address just within the limit");
	const long = await new Client(server.port).get(`/${"%25".repeat(2600)}`);
	ok(long.status === 303 && long.headers.location.startsWith("/login"), "the same before signing in", long.status);
	is(await raw(server.port, "POST /login HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 9000000\r\n\r\n"),
		413, "a body over 8 MiB");
	is((await c.ask("POST", path, { body: "title=%zz", headers: { "Content-Type": "application/x-www-form-urlencoded" } })).status,
		400, "a malformed form");

	let r = await c.post(path, { ...formOf((await c.get(path)).text, path), ...risk, owner: "nobody here",
		inherent_severity: "9", review_due: "tomorrow", scenario: "kept </textarea><script>" });
	is(r.status, 422, "wrong fields");
	ok(/<input id="review_due"[^>]*value="tomorrow"/.test(r.text), "what could not be read stays in its field");
	for (const field of ["owner", "inherent_severity", "review_due"])
		ok(r.text.includes(`<li><a href="#${field}">`) && r.text.includes(`id="${field}"`), `${field} is named and linked`);
	const kept = formOf(r.text, path);
	is(kept.title, risk.title, "the title typed is kept");
	is(kept.scenario, "kept </textarea><script>", "the scenario typed is kept, escaped");
	is(kept.owner, "nobody here", "a wrong reference typed is kept");
	is(kept.inherent_severity, "9", "a wrong number typed is kept");
	const rows = "/records/risk/new";
	r = await c.post(rows, { ...formOf((await c.get(rows)).text, rows), "rating.1.at": "yesterday" });
	is(formOf(r.text, rows)["rating.0.at"], "yesterday", "so is an unreadable cell, in the row now shown first");
	ok(r.text.includes('id="wrong-rating.0.at"'), "and its issue stands beside it");

	const ref = await create(c, "risk", risk), form = await formFor(c, ref);
	for (const other of ["hanna", "nobody"]) {
		r = await c.post(`/${ref}/move`, { to: "analysed", name: other, password: "correct horse battery staple" });
		ok(r.status === 422 && r.text.includes("give the name that you yourself sign in with"),
			`the name of ${other} is not tried in the place of a signature`, r.text);
	}
	for (let n = 0; n < 6; n++)
		r = await c.post(`/${ref}/move`, { to: "analysed", name: "mei", password: "guessed" });
	ok(r.status === 422 && /wait \d+ second/.test(r.text), "guessing in the place of a signature waits too", r.text);
	await conflict(ref, form);
	const force = JSON.parse((await c.get("/records/risk.json?state=accepted")).text).items[0].ref;
	r = await c.post(`/${force}`, { ...await formFor(c, force), title: "silently", reason: "" });
	ok(r.status === 422 && r.text.includes('href="#reason"'), "a record in force asks for a reason", r.status);

	const auth = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
	r = await new Client(server.port).ask("POST", "/api/v1/risks", { body: "{\n  \"title\": nope\n}", headers: auth });
	const p = JSON.parse(r.text);
	is(`${r.status} ${r.headers["content-type"]} ${p.line}`, "400 application/problem+json 2", "malformed JSON, and where");
	ok(p.column >= 12 && p.column <= 14, "with its column", p.column);
}

/* The address of each product leads to its records alone, whatever its name and however many there are. */
async function products() {
	const c = who.tomas, twins = [];
	for (const title of ["Pump", "Pump", "Tasks", "手術", ...Array(45).fill("Sensor")])
		twins.push(await create(c, "product", { title, kind: "device" }));
	const home = (await c.get("/")).text;
	const links = [...home.matchAll(/<li><a href="(\/[^"]*)">([^<]*)<\/a><\/li>/g)].map((m) => [m[1], m[2]]);
	const [pumps, others] = [links.filter(([, name]) => name === "Pump"), links.filter(([, name]) => /^(Tasks|手術)$/.test(name))];
	is(new Set(pumps.map(([url]) => url)).size, 2, "two products of one name have two addresses");
	for (const [url, name] of [...pumps, ...others]) {
		const page = (await c.get(`${url}/risks`)).text;
		ok(page.includes(`<span><b>${name}</b>`), `${name} is shown alone`, url);
	}
	ok(/href="\/records\/product">All \d+ of them/.test(home), "what the menu has no room for is said, with the way there");
	const last = twins.at(-1), lower = last.toLowerCase();
	ok((await c.get(`/${last}`)).text.includes(`href="/${lower}"`), "a product leads to its records");
	ok((await c.get(`/${lower}/risks`)).text.includes("<span><b>Sensor</b>"), "though it is none of the first");
	is((await c.get("/prd-99999/risks")).status, 404, "no product is no address");
}

async function life() {
	const c = who.mei, before = await newest();
	const ref = await create(c, "risk", { ...risk, scenario: "Walkabout quokkas" });
	const first = await newest();

	let r = await c.post(`/${ref}`, { ...await formFor(c, ref), title: "Second title" });
	is(r.status, 303, "an edit is saved");
	r = await c.post(`/${ref}/link`, { type: "causes>", other: records.hazard, note: "walk" });
	is(r.status, 303, "linked to a hazard");
	ok((await c.get(`/${records.hazard}`)).text.includes(ref), "the hazard shows it too");
	const confirm = `/${records.hazard}/link/confirm`;
	ok(!(await c.get(`/${records.hazard}`)).text.includes(confirm), "a link is not suspect when it is made");
	is((await c.post(`/${ref}`, { ...await formFor(c, ref), title: "Third title" })).status, 303, "an end changes");
	ok(!(await who.auditor.get(`/${records.hazard}`)).text.includes(confirm), "who may not write is not offered to confirm");
	const suspect = formOf((await c.get(`/${records.hazard}`)).text, confirm);
	is((await who.auditor.post(confirm, { ...suspect, csrf: who.auditor.csrf })).status, 403, "nor can they");
	is((await c.post(confirm, { ...suspect, seen: "2026-01-01T00:00:00Z" })).status, 409, "nor for what was not seen");
	is((await c.post(confirm, suspect)).status, 303, "who may, confirms the link from its other end");
	ok(!(await c.get(`/${records.hazard}`)).text.includes(confirm), "and it is suspect no more");
	r = await c.post(`/${ref}/move`, { rev: "3", to: "analysed", reason: "seen through" });
	is(r.status, 303, "moved along its flow");
	r = await c.post(`/${ref}/move`, { rev: "2", to: "analysed" });
	is(r.status, 409, "a move of a version that is not the newest");
	r = await c.get(`/${ref}/history`);
	is((r.text.match(/<td class="num" data-l="Version">/g) || []).length, 4, "the history has every version");
	ok(r.text.includes("seen through"), "with the reason");
	r = await c.get(`/${ref}/history?from=1&to=2`);
	ok(plain(r.text).includes(`<del>${risk.title}</del>`) && r.text.includes("<ins>Second title</ins>"), "and what differs");
	r = await c.get(`/${ref}?at=${first}`);
	ok(plain(r.text).includes(`<h1>${risk.title}</h1>`) && !r.text.includes(`/${ref}/edit`), "?at= shows it as it was", r.status);
	is(JSON.parse((await c.get(`/${ref}.json`)).text).title, "Third title", "JSON has it");
	ok((await c.get("/records/risk.csv")).text.includes(ref), "CSV has it");
	ok(JSON.parse((await c.get("/records/risk.json")).text).items.some((i) => i.ref === ref), "the list as JSON has it");
	ok((await c.get("/search?q=quokkas")).text.includes(ref), "the search finds it");
	is(acts(await since(before)).replace(" access.denied", ""), "risk.create risk.update link.add risk.update link.confirm risk.move", "the ledger has one entry an act");
	r = await ward("verify", "--store", store);
	is(r.code, 0, "ward verify while serving");
}

/* Decisions and answers: refused, wrong, late, and kept, each with its entries. */
async function triage() {
	const c = who.mei, decide = "/model/triage/decide", answer = "/model/triage/answer";
	const page = async () => plain((await c.get("/model/triage")).text);
	const key = "unencrypted-inside-zone/F19", form = { decision: "accept", pick: `0:${key}`, reason: "inside the housing" };
	const before = await newest();
	let r;

	ok((await page()).includes(`value="0:${key}"`), "what is open can be chosen");
	ok(!(await who.auditor.get("/model/triage")).text.includes("<form method=\"post\" data-guard"), "not by who may only read");
	is((await who.auditor.post(decide, form)).status, 403, "who may not decide is refused");
	is((await c.ask("POST", decide, { form: { ...form, csrf: who.tomas.csrf } })).status, 403, "so is a forged decision");
	is(acts(await since(before)).replace("access.denied", ""), "", "and nothing but the refusal is written");
	const then = await newest();
	r = await c.post(decide, { ...form, reason: "" });
	ok(r.status === 422 && plain(r.text).includes("needs one") && / checked/.test(r.text), "without a reason it comes back", r.status);
	r = await c.post(decide, { ...form, decision: "" });
	is(r.status, 422, "without a decision too");
	r = await c.post(decide, { ...form, pick: "nonsense" });
	is(r.status, 400, "a choice that cannot be read");
	r = await c.post(decide, { ...form, pick: "0:no-such-rule/F19" });
	ok(r.status === 409 && plain(r.text).includes("not in the model any more") && r.text.includes(form.reason),
		"a finding that is not there, and what was typed is kept", r.status);
	is(await newest(), then, "none of it is written");
	r = await c.post(`${decide}?show=open&by=rule`, form);
	is(`${r.status} ${r.headers.location}`, "303 /model/triage?show=open&by=rule&done=1", "then it is decided, and the list is shown again");
	is(acts(await since(then)), "threat.create link.add threat.move threat.move", "as a threat with its entries");
	r = await c.post(decide, { ...form, decision: "dismiss", reason: "a second look" });
	ok(r.status === 409 && plain(r.text).includes("decided by somebody else"), "a decision on what was seen before is late", r.status);
	r = await c.post(decide, { ...form, pick: `3:${key}`, decision: "risk", title: "Video is read", owner: "R-PO" });
	is(r.status, 303, "of its last revision it is one more");
	ok((await c.get("/model/triage?show=decided")).text.includes("Raised as a risk"), "which the list shows");

	const sent = { property: "validates-input", pick: "1:C01", answer: "yes", claim: "review 7" };
	const rev = /value="(\d+:C01)"/.exec(await page())[1];
	is((await c.post(answer, { ...sent, pick: "0:C01" })).status, 409, "an answer about what changed meanwhile");
	is((await c.post(answer, { ...sent, pick: rev, answer: "perhaps" })).status, 422, "an answer that is none");
	is((await c.post(answer, { ...sent, pick: rev, property: "colour" })).status, 422, "a fact that there is not");
	is((await c.post(answer, { ...sent, pick: "1:RSK-09" })).status, 422, "a part that is none");
	is((await who.auditor.post(answer, { ...sent, pick: rev })).status, 403, "an answer without the right");
	const seq = await newest();
	is((await c.post(answer, { ...sent, pick: rev })).status, 303, "an answer");
	is(acts((await since(seq)).filter((e) => e.act !== "access.denied")), "element.update", "is one revision");
	ok(JSON.parse((await c.get("/C01.json")).text).property.some((p) => p.name === "validates-input" && p.claim === "review 7"),
		"of the part, with what shows it");

	for (const [show, status] of [["everything", 422], ["gone&by=colour", 422], ["gone&page=0", 422], ["gone&page=7", 200]])
		is((await c.get(`/model/triage?show=${show}`)).status, status, `?show=${show}`);
	r = await c.get("/model/backlog.csv");
	ok(r.status === 200 && r.text.startsWith("id,title,"), "the backlog as CSV");
	ok(JSON.parse((await c.get("/model/backlog.json")).text)[0].external_id, "and as issues");
	is((await c.get("/model/backlog.svg")).status, 404, "and not as a picture");
}

/* What a stranger sees of the log, and what only a reader of the ledger does. */
async function theLog() {
	const list = (...all) => all.join(" · ");
	const nobody = new Client(server.port), full = "public, max-age=31536000, immutable";
	const size = Number((await nobody.get("/ledger/checkpoint")).text.split("\n")[1]);
	let r = await nobody.get("/ledger/tile/0/000");
	is(list(r.status, r.headers["content-type"], r.headers["content-length"], r.headers["cache-control"]),
		list(200, "application/octet-stream", "8192", full), "a full tile is for anybody, and for good");
	const last = Math.floor(size / 256), width = size % 256, name = String(last).padStart(3, "0");
	r = await nobody.get(`/ledger/tile/0/${name}.p/${width}`);
	ok(!width || list(r.status, r.headers["content-length"], r.headers["cache-control"]) === list(200, 32 * width, "no-store"),
		"the last one is not");
	r = await nobody.get(`/ledger/tile/1/000.p/${last}`);
	is(list(r.status, r.headers["content-length"]), list(200, String(32 * last)), "the level above");
	for (const bad of [`0/${name}`, `0/${name}.p/${width + 1}`, "0/999", "7/000", "0/0", "x", "0/../0/000",
		"0/000.p/0", "0/000.p/256", "%30/0000", "entries"])
		is((await nobody.get(`/ledger/tile/${bad}`)).status, 404, `no tile ${bad}`);
	r = await nobody.get("/ledger/tile/entries/000");
	is(list(r.status, r.headers.location), list(303, "/login?to=%2Fledger%2Ftile%2Fentries%2F000"), "entries are not for anybody");
	is((await who.hanna.get("/ledger/tile/entries/000")).status, 403, "nor for everybody who is signed in");
	r = await who.tomas.get("/ledger/tile/entries/000");
	is(list(r.status, r.headers["cache-control"]), list(200, full.replace("public", "private")), "a reader of the ledger gets them");
	ok(r.bytes.includes('"object":"'), "as they stand");
	is((await who.tomas.get(`/ledger/tile/entries/${name}`)).status, 404, "up to what is signed");
	r = await who.tomas.get("/ledger/5/proof?open=1");
	ok(r.text.startsWith("c2sp.org/tlog-proof@v1\nextra "), "a proof with its content");
	ok((await who.tomas.get("/ledger/5")).text.includes("/ledger/5/proof?open=1"), "which the page of the entry offers");
}

async function manyAtOnce() {
	const c = who.mei, refs = [];

	for (let n = 0; n < 40; n++)
		refs.push(await create(c, "risk", { ...risk, title: `Parallel ${n}` }));
	const forms = await Promise.all(refs.map((ref) => formFor(c, ref))), before = await newest();
	let all = await Promise.all(refs.map((ref, n) => c.post(`/${ref}`, { ...forms[n], title: `Changed ${n}` })));
	none(all.map((r) => r.status).filter((s) => s !== 303), "40 edits of different records at once");
	is(await newest() - before, 40, "are 40 entries");
	const form = await formFor(c, refs[0]);
	all = await Promise.all(Array.from({ length: 20 }, (_, n) => c.post(`/${refs[0]}`, { ...form, title: `Race ${n}` })));
	is(all.filter((r) => r.status === 303).length, 1, "20 edits of one record: one wins");
	is(all.filter((r) => r.status === 409).length, 19, "the others are told");
	is(await newest() - before, 41, "and only the one is in the ledger");
	is((await ward("verify", "--store", store)).code, 0, "the ledger verifies");
	return refs;
}

async function killed(refs) {
	const c = who.mei, child = childOf(server.pid), keeper = await keeperOf(server), said = {};
	let stop = false;
	const writers = refs.slice(0, 6).map(async (ref) => {
		for (let n = 1; !stop; n++)
			try {
				const r = await c.post(`/${ref}`, { ...await formFor(c, ref), title: `Kept ${n}` });
				if (r.status === 303)
					said[ref] = n;
			} catch {
				return;
			}
	});
	await sleep(700);
	process.kill(child, "SIGKILL");
	await sleep(300);
	stop = true;
	await Promise.all(writers);
	let up = 0;
	for (let n = 0; n < 100 && up !== 200; n++) {
		await sleep(50);
		up = (await c.get("/tasks").catch(() => ({ status: 0 }))).status;
	}
	is(up, 200, "the monitor starts another server, and the session goes on");
	ok(childOf(server.pid) !== child, "it is another process");
	ok(!isAlive(keeper), "the keeper of the dead server is gone");
	const faults = [];
	for (const ref in said) {
		const n = Number(/\d+/.exec(JSON.parse((await c.get(`/${ref}.json`)).text).title)[0]);
		if (n < said[ref])
			faults.push(`${ref}: ${said[ref]} was acknowledged, ${n} is there`);
	}
	const total = Object.values(said).reduce((a, b) => a + b, 0);
	ok(total > 6, `${total} writes were acknowledged before`);
	none(faults, "every one is there");
	const r = await ward("verify", "--store", store);
	ok(r.code === 0, "ward verify after the kill", r.out);
}

async function setup() {
	const place = `${folder}/empty`, made = await ward("init", place);
	const link = /\/setup\?token=(\S+)/.exec(made.out), s = await serve(place), c = new Client(s.port);
	const form = { token: link[1], title: "Ada", sign_in: "ada", password: "a long enough sentence" };

	is((await c.get("/setup?token=wrong")).status, 403, "a wrong setup link");
	is((await c.get(link[0])).status, 200, "the setup link opens");
	let r = await c.post("/setup", { ...form, password: "short" });
	ok(r.status === 422 && r.text.includes('href="#password"') && r.text.includes('value="Ada"'), "a short password is sent back", r.status);
	r = await c.post("/setup", form);
	is(`${r.status} ${r.headers.location}`, "303 /", "the first administrator enters");
	c.cookie = r.headers["set-cookie"][0].split(";")[0];
	const rights = (await c.get("/api/v1/me")).text;
	ok(rights.includes("user.manage") && rights.includes("\"Ada\""), "and administers", rights.slice(0, 300));
	is((await c.post("/setup", { ...form, sign_in: "eve" })).status, 403, "the link works once");
	is((await c.get(link[0])).status, 403, "and opens no more");
	is((await new Client(s.port).signIn("ada", form.password)).status, 303, "the administrator signs in");
	await s.stop();
	is((await ward("verify", "--store", place)).code, 0, "the new store verifies");
}

/* ---- all of them ---- */

process.on("SIGTERM", () => process.exit(1));
process.on("SIGINT", () => process.exit(1));
process.on("exit", cleanUp);
const began = Date.now();
const empty = part("the setup link", setup);
await part("start", async () => {
	is((await ward("init", "--demo", store)).code, 0, "the example store is made");
	const made = await ward("user", "token", "mei", "--name", "walk", "--rights", "*", "--store", store);
	token = /\bward_[\w-]+|[\w-]{43,}/.exec(made.out)?.[0];
	ok(token, "an access token is made", made.out);
	server = await serve(store);
});
await empty;
await part("signing in", signingIn);
await part("every route", everyRoute);
await part("forged requests", forged);
await part("signatures of others", foreignProofs);
await part("history", history);
await part("tables that only grow", growing);
await part("pending revisions", pending);
await part("bad input", badInput);
await part("the life of a record", life);
await part("many products", products);
await part("triage", triage);
await part("the log", theLog);
let refs = [];
await part("many at once", async () => { refs = await manyAtOnce(); });
await part("a killed server", () => killed(refs));
await part("the end", async () => { await server.stop(); ok(true, "the server stops when asked"); });
note(`${Date.now() - began} ms`);
process.exit(done());
