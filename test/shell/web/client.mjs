/* A served store of our own on a free port, and what a browser would send to it. */
import { execFile, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import http from "node:http";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const password = "correct horse battery staple";
export const folder = mkdtempSync(join(tmpdir(), "ward-walk-"));
const program = process.argv[2];
const agent = new http.Agent({ keepAlive: true, maxSockets: 40 });
const running = new Set();

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/* Runs the program to its end: { code, out }. */
export function ward(...args) {
	return new Promise((resolve) => execFile(program, args, { maxBuffer: 1 << 24 },
		(e, out, err) => resolve({ code: e ? e.code : 0, out: out + err })));
}

/* Starts `ward serve`; resolves when it says where. */
export function serve(store, ...more) {
	const child = spawn(program, ["serve", "--store", store, "--listen", "127.0.0.1:0", ...more]);
	let said = "";

	running.add(child);
	child.on("exit", () => running.delete(child));
	return new Promise((resolve, reject) => {
		const late = setTimeout(() => reject(new Error(`not up:\n${said}`)), 20000);
		const hear = (bytes) => {
			said += bytes;
			const at = /http:\/\/127\.0\.0\.1:(\d+)/.exec(said);
			if (!at)
				return;
			clearTimeout(late);
			resolve({ port: Number(at[1]), pid: child.pid, said: () => said,
				stop: () => new Promise((done) => {
					child.on("exit", done);
					child.kill("SIGTERM");
				}) });
		};
		child.stdout.on("data", hear);
		child.stderr.on("data", hear);
		child.on("error", reject);
		child.on("exit", (code) => reject(new Error(`serve ended with ${code}:\n${said}`)));
	});
}

export function cleanUp() {
	for (const child of running)
		child.kill("SIGKILL");
	rmSync(folder, { recursive: true, force: true });
}

/* The first child of a process: of the monitor the server, of the server the keeper. */
export function childOf(pid) {
	const all = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
	return all ? Number(all.split(" ")[0]) : 0;
}

/* The keeper: the monitor says where it listens before the server has forked it. */
export async function keeperOf(server) {
	for (let n = 0; n < 100; n++) {
		const child = childOf(server.pid), keeper = child && childOf(child);
		if (keeper)
			return keeper;
		await new Promise((done) => setTimeout(done, 50));
	}
	throw new Error(`no keeper after 5 s:\n${server.said()}`);
}

/* Whether a process runs; one that nobody has buried yet does not. */
export function isAlive(pid) {
	try {
		return !/^\d+ \(.*\) [ZX]/.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
	} catch {
		return false;
	}
}

/* Processor time that a process has used, in ticks of 10 ms. */
export function ticks(pid) {
	const stat = readFileSync(`/proc/${pid}/stat`, "utf8").replace(/^.*\) /, "").split(" ");
	return Number(stat[11]) + Number(stat[12]);
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

export class Client {
	constructor(port) {
		this.port = port;
		this.cookie = "";
		this.csrf = "";
	}

	/* One request: { status, headers, text }; `form` is sent as a browser does. */
	ask(method, path, { form, body, headers = {} } = {}) {
		const send = form ? new URLSearchParams(form).toString() : body;
		const all = { ...headers };

		if (this.cookie && all.Cookie === undefined)
			all.Cookie = this.cookie;
		if (form)
			all["Content-Type"] = "application/x-www-form-urlencoded";
		if (send !== undefined)
			all["Content-Length"] = Buffer.byteLength(send);
		return new Promise((resolve, reject) => {
			const q = http.request({ host: "127.0.0.1", port: this.port, method, path, agent,
				headers: all }, (r) => {
				const parts = [];
				r.on("data", (b) => parts.push(b));
				r.on("error", reject);
				r.on("end", () => {
					const bytes = Buffer.concat(parts);
					let text = "", isText = true;
					try {
						text = utf8.decode(bytes);
					} catch {
						isText = false;
					}
					resolve({ status: r.statusCode, headers: r.headers, text, isText, bytes });
				});
			});
			q.on("error", reject);
			q.setTimeout(20000, () => q.destroy(new Error(`no answer: ${method} ${path}`)));
			q.end(send);
		});
	}

	get(path, headers) {
		return this.ask("GET", path, { headers });
	}

	/* Sends a form with the token of the session. */
	post(path, form = {}, headers) {
		return this.ask("POST", path, { form: { csrf: this.csrf, ...form }, headers });
	}

	async signIn(name, secret = password, to = "/") {
		const r = await this.ask("POST", "/login", { form: { name, password: secret, to } });
		if (r.status === 303) {
			this.cookie = r.headers["set-cookie"][0].split(";")[0];
			this.csrf = /name="csrf" value="([^"]+)"/.exec((await this.get("/tasks")).text)[1];
		}
		return r;
	}
}

/* Bytes as they are, for what node refuses to send; resolves with what came back. */
export function raw(port, bytes) {
	return new Promise((resolve, reject) => {
		const s = net.connect(port, "127.0.0.1", () => s.write(bytes));
		let got = "";
		s.on("data", (b) => {
			got += b;
			if (got.includes("\r\n\r\n"))
				s.destroy();
		});
		s.on("close", () => resolve(Number(/^HTTP\/1\.1 (\d+)/.exec(got)?.[1] || 0)));
		s.on("error", (e) => got || reject(e));
		s.setTimeout(5000, () => s.destroy());
	});
}

export function plain(s) {
	return s.replaceAll("&quot;", '"').replaceAll("&#34;", '"').replaceAll("&#39;", "'").replaceAll("&lt;", "<")
		.replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

const attribute = (tag, name) => {
	const m = new RegExp(` ${name}="([^"]*)"`).exec(tag);
	return m ? plain(m[1]) : undefined;
};

/* What a browser would send of the form with this action. */
export function formOf(page, action) {
	const start = page.indexOf(`<form method="post" action="${action}"`);
	const form = page.slice(start, page.indexOf("</form>", start));
	const out = {};

	if (start < 0)
		throw new Error(`no form for ${action} on this page:\n${page.slice(0, 2000)}`);
	for (const [tag] of form.matchAll(/<input [^>]*>/g))
		if (attribute(tag, "type") !== "checkbox" || / checked/.test(tag))
			out[attribute(tag, "name")] = attribute(tag, "value") ?? "";
	for (const [, tag, text] of form.matchAll(/<textarea([^>]*)>([^]*?)<\/textarea>/g))
		out[attribute(tag, "name")] = plain(text);
	for (const [, tag, options] of form.matchAll(/<select([^>]*)>([^]*?)<\/select>/g)) {
		const chosen = /<option value="([^"]*)"[^>]* selected/.exec(options);
		out[attribute(tag, "name")] = chosen ? plain(chosen[1]) : "";
	}
	return out;
}

const empty = new Set(["meta", "link", "input", "br", "img", "hr", "wbr", "col"]);

/* What is wrong with a page: "" when nothing is. */
export function htmlFault(r) {
	const open = [];

	if (!r.isText)
		return "not UTF-8";
	if (!/^text\/html; charset=utf-8$/.test(r.headers["content-type"]))
		return `type ${r.headers["content-type"]}`;
	if (!r.text.startsWith("<!doctype html>"))
		return "no doctype";
	if (r.text.match(/<h1[ >]/g)?.length !== 1)
		return `${r.text.match(/<h1[ >]/g)?.length || 0} h1`;
	for (const [, end, name, rest] of r.text.matchAll(/<(\/?)([a-zA-Z][a-zA-Z0-9]*)([^>]*)>/g)) {
		if (!end && !empty.has(name) && !rest.endsWith("/"))
			open.push(name);
		else if (end && open.pop() !== name)
			return `</${name}> closes nothing`;
	}
	return open.length ? `<${open.pop()}> is not closed` : "";
}

const csp = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; " +
	"font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; " +
	"frame-ancestors 'none'";
const file_csp = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox";
const api_csp = "default-src 'none'; frame-ancestors 'none'";

/* What is wrong with the headers of an answer, and with the page when it is one. */
export function answerFault(path, r) {
	const h = r.headers, page = /^text\/html/.test(h["content-type"] || "");
	const is_report = /\/(plan|concept)$/.test(path);
	let want = path.startsWith("/api/") ? api_csp : page && !is_report ? csp : file_csp;

	if (r.status >= 500)
		return `status ${r.status}`;
	if (h["x-content-type-options"] !== "nosniff")
		return "no nosniff";
	if (h["cache-control"] !== "no-store")
		return `Cache-Control ${h["cache-control"]}`;
	if (r.status !== 303 && !(is_report && h["content-security-policy"] === csp) &&
		h["content-security-policy"] !== want)
		return `CSP ${h["content-security-policy"]}`;
	return page ? htmlFault(r) : "";
}
