/* Every page, as people with different screens, themes and settings see it. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { gzipSync } from "node:zlib";
import { is, none, ok } from "./tap.js";
import { listen } from "./ward.js";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export const places = ["/", "/tasks", "/model", "/risks", "/requirements", "/trace",
	"/vulnerabilities", "/programme", "/readiness", "/audits", "/actions", "/response",
	"/documents", "/people", "/ledger"];
const lists = ["/records/risk", "/records/risk?state=treated&sort=-title", "/records/control?page=1"];
const records = ["/RSK-09", "/DOC-14", "/TM-1", "/PRD-2"];
const others = ["/readiness/iso-28000-2022", "/ledger/5", "/RSK-09/edit", "/RSK-09/history",
	"/records/risk/new", "/search?q=gateway", "/model/triage", "/model/coverage", "/model/backlog", "/RSK-09?at=2026-03-01", "/theatrelink-g2/risks",
	"/model/edit", "/model/changes?from=2026-01-01", "/model/views", "/model/views/update", "/model/views/VW-05"];
const documents = ["/PRD-2/plan", "/PRD-2/concept"];
const all = [...places, ...lists, ...records, ...others, ...documents];
const key = ["/", "/risks", "/model", "/RSK-09", "/RSK-09/edit", "/RSK-09/history", "/model/edit",
	"/model/views", "/model/views/multi-patient"];

/* Pixels by which the page is wider than the screen, and what sticks out. */
export function overflow(page) {
	return page.evaluate(() => {
		const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
		if (wide <= 0)
			return "";
		const out = [...document.querySelectorAll("body *")].find((e) =>
			e.getBoundingClientRect().right > document.documentElement.clientWidth + 1 &&
			!e.closest(".wide, .scroll, .tabs, pre, .sr, .side"));
		return `${wide} px too wide: ${out ? out.outerHTML.slice(0, 160) : "?"}`;
	});
}

async function look(page, heard, url) {
	const faults = [];
	const answer = await page.goto(url);

	if (answer.status() !== 200)
		faults.push(`answers ${answer.status()}`);
	if (documents.includes(url.split("?")[0]))
		return [...faults, ...heard.take()];
	const wide = await overflow(page);
	if (wide)
		faults.push(wide);
	if ((await page.locator("h1").count()) !== 1)
		faults.push("has not one h1");
	return [...faults, ...heard.take()];
}

/* Sizes, themes and scripts in pairs: each value of one meets each value of the others. */
const ways = [
	{ width: 1440, colorScheme: "light", javaScriptEnabled: true },
	{ width: 1440, colorScheme: "dark", javaScriptEnabled: false },
	{ width: 390, colorScheme: "dark", javaScriptEnabled: true },
	{ width: 390, colorScheme: "light", javaScriptEnabled: false },
];

/* The smallest screen is looked at by narrowing the page that is already open. */
async function narrow(page) {
	await page.setViewportSize({ width: 320, height: 900 });
	const wide = await overflow(page);
	await page.setViewportSize({ width: 390, height: 900 });
	return wide ? [wide] : [];
}

export async function tour(browser, url, state) {
	for (const way of ways) {
		const context = await browser.newContext({ baseURL: url, storageState: state, ...way,
			viewport: { width: way.width, height: 900 } });
		const page = await context.newPage();
		const heard = listen(page);
		const how = `${way.width} px, ${way.colorScheme}, scripts ${way.javaScriptEnabled ? "on" : "off"}`;
		for (const path of all) {
			none(await look(page, heard, path), `${path} opens cleanly: ${how}`);
			if (way.width === 390 && way.javaScriptEnabled && !documents.includes(path))
				none(await narrow(page), `${path} fits 320 px`);
		}
		await context.close();
	}
}

/* ---- accessibility: axe-core is injected, so these contexts ignore the CSP ---- */

export const everything = { type: "tag",
	values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] };
/* A theme changes colours alone. */
const colours = { type: "rule", values: ["color-contrast", "link-in-text-block"] };

export async function violations(page, runOnly) {
	await page.evaluate(axe);
	const found = await page.evaluate(async (only) => {
		const { violations: all } = await window.axe.run(document,
			{ resultTypes: ["violations"], runOnly: only });
		/* A name that the picture shortens to "communication mo…" is said in full. */
		const shortened = (v, n) => v.id === "label-content-name-mismatch" &&
			document.querySelector(n.target[0]).textContent.includes("…");
		all.forEach((v) => {
			v.nodes = v.nodes.filter((n) => !shortened(v, n));
		});
		return all.filter((v) => v.nodes.length);
	}, runOnly);
	return found.map((v) =>
		`${v.id} (${v.impact}): ${v.help}; ${v.nodes.length} times, first ${v.nodes[0].html.slice(0, 200)} ` +
		v.nodes[0].any.map((a) => a.message).join("; ").slice(0, 200));
}

export async function accessible(browser, url, state) {
	for (const [width, colorScheme, rules] of [[1440, "light", everything], [1440, "dark", colours],
		[390, "light", everything], [390, "dark", colours]]) {
		const context = await browser.newContext({ baseURL: url, storageState: state,
			viewport: { width, height: 900 }, colorScheme, bypassCSP: true });
		const page = await context.newPage();
		const what = rules === colours ? "enough contrast" : "no accessibility violation";
		const paths = width === 390 ? key : rules === colours ? new Set([...places, ...key]) : all;
		for (const path of paths) {
			await page.goto(path);
			none(await violations(page, rules), `${path} has ${what}: ${width} px, ${colorScheme}`);
		}
		if (width === 390) {
			await page.goto("/");
			await page.getByRole("button", { name: "Menu" }).click();
			none(await violations(page, rules), `the open menu has ${what}: ${colorScheme}`);
		}
		await context.close();
	}
	const context = await browser.newContext({ baseURL: url, bypassCSP: true });
	const page = await context.newPage();
	await page.goto("/login");
	none(await violations(page, everything), "/login has no accessibility violation");
	await context.close();
}

/* ---- headers ---- */

export async function headers(browser, url, state) {
	const context = await browser.newContext({ baseURL: url, storageState: state });
	const answer = await context.request.get("/risks");
	const h = answer.headers();
	const csp = h["content-security-policy"] || "";

	for (const word of ["default-src 'none'", "script-src 'self'", "style-src 'self'",
		"form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'"])
		ok(csp.split("; ").includes(word), `pages carry the policy ${word}`, csp);
	ok(!csp.includes("unsafe"), "no page allows unsafe scripts or styles", csp);
	is(h["x-content-type-options"], "nosniff", "types are not guessed");
	is(h["cross-origin-opener-policy"], "same-origin", "other origins get no handle");
	is(h["referrer-policy"], "same-origin", "addresses stay with us");
	is(h["cache-control"], "no-store", "pages are not stored");
	const cookie = (await context.cookies())[0];
	ok(cookie.httpOnly && cookie.sameSite !== "None", "the cookie is for us alone", JSON.stringify(cookie));
	await context.close();
}

/* ---- weight ---- */

/* What a page and its files weigh when packed, and how often a browser with an empty cache asks: once
   a file, for the icon of the tab is in the file of the others. */
async function measure(browser, url, state, path) {
	const context = await browser.newContext({ baseURL: url, storageState: state });
	const page = await context.newPage();
	const asked = [];
	const files = new Map();

	page.on("requestfinished", (request) => asked.push(request));
	const answer = await page.goto(path, { waitUntil: "networkidle" });
	const nodes = await page.evaluate(() => document.querySelectorAll("*").length);
	const html = gzipSync(await answer.body()).length;
	/* A copy: what finishes while we read belongs to no cold page, and nothing may wait for it. */
	for (const request of [...asked]) {
		const body = await (await request.response()).body();
		files.set(new URL(request.url()).pathname.split("/").pop() || "/", gzipSync(body).length);
	}
	await context.close();
	return { files, nodes, html };
}

export async function weight(browser, url, state) {
	const kB = (n) => `${(n / 1000).toFixed(1)} kB`;

	/* Pages with a style, scripts and data of their own ask for these, too. */
	const more = { "/model/triage": 1, "/model/edit": 4 };
	for (const path of ["/", "/risks", "/RSK-09", "/model", "/model/triage", "/model/coverage", "/model/edit",
		"/trace", "/readiness/iso-28000-2022"]) {
		const { files, nodes, html } = await measure(browser, url, state, path);
		ok(html <= 15000, `${path} weighs ${kB(html)} of 15 kB packed`);
		const asks = 5 + (more[path] || 0);
		ok(files.size <= asks, `${path} asks ${files.size} of ${asks} times when cold: ${[...files.keys()].join(" ")}`);
		ok(nodes <= 1500, `${path} has ${nodes} of 1500 elements`);
		if (path === "/model/edit") {
			const script = files.get("diagram.js") + files.get("diagram_beside.js");
			ok(script <= 25000, `the scripts of the editor weigh ${kB(script)} of 25 kB packed`);
		}
		if (path !== "/")
			continue;
		ok(files.get("ward.css") <= 8000, `the stylesheet weighs ${kB(files.get("ward.css"))} of 8 kB packed`);
		ok(files.get("ward.js") <= 10000, `the script weighs ${kB(files.get("ward.js"))} of 10 kB packed`);
	}
}
