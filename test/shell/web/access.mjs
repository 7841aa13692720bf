/* Told in access.t. */
import http from "node:http";
import { spawn } from "node:child_process";
import { done, is, ok, part } from "../../browser/tap.js";
import { cleanUp, Client, folder, formOf, password, serve, sleep, ward } from "./client.mjs";

const store = `${folder}/access`, url = "https://ward.example";
const cookieOf = (r) => r.headers["set-cookie"]?.[0] ?? "";
const secure = /^__Host-ward=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=\d+; Secure$/;
const hsts = (r) => r.headers["strict-transport-security"];

async function behindTls() {
	const s = await serve(store, "--public-url", url), c = new Client(s.port);
	const form = { name: "mei", password, to: "/" };
	let r = await c.ask("POST", "/login", { form, headers: { Origin: url } });

	is(r.status, 303, "the form of the public address is taken");
	ok(secure.test(cookieOf(r)), "the cookie is __Host- and Secure", cookieOf(r));
	c.cookie = cookieOf(r).split(";")[0];
	for (const path of ["/login", "/tasks", "/nowhere", "/api/v1/me", "/api/v1/nowhere"]) {
		r = await c.get(path);
		is(hsts(r), "max-age=31536000", `${path} asks for TLS`);
	}
	for (const origin of ["http://ward.example", "https://ward.example:8443", "https://ward.example.evil.example",
		"https://evil.example", `http://127.0.0.1:${s.port}`, `https://127.0.0.1:${s.port}`, "null"]) {
		r = await new Client(s.port).ask("POST", "/login", { form, headers: { Origin: origin } });
		is(r.status, 403, `a form of ${origin} is refused`);
	}
	const weak = { Cookie: c.cookie.replace("__Host-ward", `ward-local-${s.port}`) };
	is((await c.get("/api/v1/me", weak)).status, 401, "the API takes no cookie that any neighbour could set");
	is((await c.get("/tasks", weak)).status, 303, "nor do the pages");
	is((await c.get("/api/v1/me")).status, 200, "the right cookie is taken by both");
	is((await c.get("/tasks")).status, 200, "the right cookie is taken by both");
	await s.stop();
}

/* A request over a Unix socket. */
const over = (path, form) => new Promise((resolve, reject) => {
	const body = new URLSearchParams(form).toString();
	const q = http.request({ socketPath: path, method: "POST", path: "/login", headers: { Host: "ward.example",
		"Content-Type": "application/x-www-form-urlencoded", "Content-Length": Buffer.byteLength(body) } }, resolve);
	q.on("error", reject);
	q.end(body);
});

async function socket() {
	const path = `${folder}/ward.sock`;
	const child = spawn(process.argv[2], ["serve", "--store", store, "--listen", `unix:${path}`], { stdio: "ignore" });
	let r;

	for (let n = 0; n < 100 && !r; n++) {
		await sleep(100);
		r = await over(path, { name: "mei", password, to: "/" }).catch(() => undefined);
	}
	ok(r && secure.test(cookieOf(r)), "on a Unix socket the cookie is Secure, whatever is configured", r && cookieOf(r));
	ok(r && hsts(r), "and TLS is asked for");
	await new Promise((end) => { child.on("exit", end); child.kill("SIGTERM"); });
}

/* The page of one's sessions and tokens, and those of others. */
async function account() {
	const s = await serve(store), mei = new Client(s.port), other = new Client(s.port), boss = new Client(s.port);
	const page = "/account", action = "/account/tokens";

	const listed = (text) => text.match(/data-l="Until"/g).length;
	await mei.signIn("mei");
	const before = listed((await mei.get(page)).text);
	await other.signIn("mei");
	await boss.signIn("tomas");
	let r = await mei.get(page);
	is(listed(r.text), before + 1, "a session more is listed");
	const ids = [...r.text.matchAll(/name="id" value="([0-9a-f]{16})"/g)].map((m) => m[1]);
	is((await mei.post("/account/sessions/end", {})).status, 422, "a form without an id ends nothing");
	is((await mei.post("/account/sessions/end", { id: "0123456789abcdef" })).status, 404, "an unknown one");
	is((await boss.get("/tasks")).status, 200, "tomas is signed in");
	is((await mei.post("/account/sessions/end", { id: ids[0] })).status, 303, "one is ended");
	is((await other.get("/tasks")).status, 303, "it is denied");
	is((await mei.get("/tasks")).status, 200, "the one beside it is not");

	ok(!r.text.includes(action), "who may not make tokens is offered none");
	is((await mei.post(action, { name: "ci", scope: "*", days: "9" })).status, 403, "nor makes one");
	const form = formOf((await boss.get(page)).text, action);
	is(form.scope, "*.read", "a token only reads unless something else is said");
	r = await boss.post(action, { ...form, name: "ci", days: "400" });
	is(r.status, 422, "a token for longer than a year is refused");
	ok(r.text.includes('value="400"'), "what was typed is kept");
	r = await boss.post(action, { ...form, name: "ci" });
	const value = /ward_[\w-]{43}/.exec(r.text)?.[0], auth = { Authorization: `Bearer ${value}` };
	is(r.status, 200, "a token is made");
	ok(value && !(await boss.get(page)).text.includes(value), "its value is shown once");
	is((await other.get("/api/v1/me", auth)).status, 200, "it works");
	const id = /\/account\/tokens\/revoke"[^]*?name="id" value="(\w+)"/.exec((await boss.get(page)).text)[1];
	is((await boss.post("/account/tokens/revoke", { csrf: mei.csrf, id })).status, 403, "a forged form revokes nothing");
	is((await boss.post("/account/tokens/revoke", { id })).status, 303, "it is revoked");
	is((await other.get("/api/v1/me", auth)).status, 401, "and denied");

	is((await mei.get(`${page}?person=${people.tomas}`)).status, 403, "those of others take session.manage");
	is((await mei.post("/account/sessions/end", { person: people.tomas, id: "all" })).status, 403, "ending them too");
	is((await boss.get(`${page}?person=${people.mei}`)).status, 200, "who manages accounts sees them");
	is((await boss.post("/account/sessions/end", { person: people.mei, id: "all" })).status, 303, "and ends them");
	is((await mei.get("/tasks")).status, 303, "all are denied");
	await s.stop();
}

/* A second store on another port of the host: a browser sends the cookies of both to both. */
async function neighbours(s, cookie) {
	await ward("init", "--demo", `${folder}/neighbour`);
	const other = await serve(`${folder}/neighbour`), there = new Client(other.port), here = new Client(s.port);
	there.cookie = cookie;
	const r = await there.ask("POST", "/login", { form: { name: "mei", password, to: "/" } });
	ok(!cookieOf(r).startsWith(cookie.split("=")[0] + "="), "another server sets another cookie", cookieOf(r));
	here.cookie = there.cookie = `${cookie}; ${cookieOf(r).split(";")[0]}`;
	is((await there.get("/tasks")).status, 200, "the browser is signed in to the other");
	is((await here.get("/tasks")).status, 200, "and still to this one");
	await other.stop();
}

async function plainLoopback() {
	const s = await serve(store), first = new Client(s.port), second = new Client(s.port);
	let r = await first.signIn("mei");

	ok(cookieOf(r).startsWith(`ward-local-${s.port}=`) && !/Secure/.test(cookieOf(r)),
		"on loopback the cookie is plain and has the port", cookieOf(r));
	await neighbours(s, first.cookie);
	is(hsts(r), undefined, "and TLS is not asked for");
	second.cookie = first.cookie;
	await second.signIn("mei");
	is((await first.get("/tasks")).status, 303, "signing in ends the session the browser had");
	is((await second.get("/tasks")).status, 200, "the new one works");

	const page = "/account/password", fresh = "a much longer sentence";
	const send = async (c, more) => c.post(page, { ...formOf((await c.get(page)).text, page), password, fresh, ...more });
	await first.signIn("mei");
	const bearer = { Authorization: `Bearer ${token}` };
	is((await second.get("/api/v1/me", bearer)).status, 200, "the access token works");
	is((await send(second, { password: "wrong" })).status, 422, "a new password needs the present one");
	is((await send(second, { password: "" })).status, 422, "a new password needs one at all");
	is((await send(second, { name: "tomas" })).status, 422, "somebody else's is none");
	is((await send(second, { fresh: "short" })).status, 422, "a new password has its length");
	is((await send(second, { person: "P01" })).status, 403, "somebody else's takes user.manage");
	is((await first.get("/tasks")).status, 200, "what was refused ended nothing");
	r = await send(second, {});
	is(`${r.status} ${r.headers.location}`, "303 /login", "the new password is taken");
	is((await first.get("/tasks")).status, 303, "the other browser is signed out");
	is((await second.get("/tasks")).status, 303, "this one too");
	is((await second.get("/api/v1/me", bearer)).status, 401, "the access token is over");
	is((await first.signIn("mei")).status, 422, "the old password opens nothing");
	is((await first.signIn("mei", fresh)).status, 303, "the new one does");
	await s.stop();
	is((await ward("verify", "--store", store)).code, 0, "the store verifies");
}

let token;
const people = { tomas: "P02", mei: "P05" };
process.on("exit", cleanUp);
await part("start", async () => {
	is((await ward("init", "--demo", store)).code, 0, "the example store is made");
	token = /\bward_[\w-]+/.exec((await ward("user", "token", "mei", "--name", "walk", "--store", store)).out)?.[0];
	for (const wrong of ["ward.example", "https://ward.example/path", "ftp://x"])
		is((await ward("serve", "--store", store, "--listen", "127.0.0.1:0", "--public-url", wrong)).code, 2,
			`${wrong} is not a public address`);
});
await part("behind TLS", behindTls);
await part("a Unix socket", socket);
await part("the page of an account", account);
await part("plain loopback", plainLoopback);
process.exit(done());
