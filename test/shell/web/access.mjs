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
	const weak = { Cookie: c.cookie.replace("__Host-ward", "ward-local") };
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

async function plainLoopback() {
	const s = await serve(store), first = new Client(s.port), second = new Client(s.port);
	let r = await first.signIn("mei");

	ok(/^ward-local=/.test(cookieOf(r)) && !/Secure/.test(cookieOf(r)), "on loopback the cookie is plain");
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
await part("plain loopback", plainLoopback);
process.exit(done());
