/* Every page, as people with different screens, themes and settings see it. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { is, none, note, ok } from "./tap.js";
import { listen } from "./ward.js";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export const places = ["/", "/tasks", "/model", "/risks", "/requirements", "/trace",
	"/vulnerabilities", "/programme", "/readiness", "/audits", "/actions", "/response",
	"/documents", "/people", "/ledger"];
const lists = ["/records/risk", "/records/risk?state=treated&sort=-title", "/records/control?page=1"];
const records = ["/RSK-09", "/DOC-14", "/TM-1", "/PRD-2"];
const others = ["/readiness/iso-28000-2022", "/ledger/5", "/RSK-09/edit", "/RSK-09/history",
	"/records/risk/new", "/search?q=gateway", "/RSK-09?at=2026-03-01", "/theatrelink-g2/risks"];
const documents = ["/PRD-2/plan", "/PRD-2/concept"];
const all = [...places, ...lists, ...records, ...others, ...documents];
const key = ["/", "/risks", "/model", "/RSK-09", "/RSK-09/edit", "/ledger"];

/* Pixels by which the page is wider than the screen, and what sticks out. */
function overflow(page) {
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

export async function tour(browser, url, state) {
	for (const width of [1440, 390, 320])
		for (const colorScheme of ["light", "dark"])
			for (const javaScriptEnabled of [true, false]) {
				if (width === 320 && (colorScheme === "dark" || javaScriptEnabled))
					continue;
				const context = await browser.newContext({ baseURL: url, storageState: state,
					viewport: { width, height: 900 }, colorScheme, javaScriptEnabled });
				const page = await context.newPage();
				const heard = listen(page);
				const how = `${width} px, ${colorScheme}${javaScriptEnabled ? "" : ", no scripts"}`;
				for (const path of all)
					none(await look(page, heard, path), `${path} opens cleanly: ${how}`);
				await context.close();
			}
}

/* ---- accessibility: axe-core is injected, so these contexts ignore the CSP ---- */

async function violations(page) {
	await page.evaluate(axe);
	const found = await page.evaluate(() => window.axe.run(document, {
		resultTypes: ["violations"],
		runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
	}));
	return found.violations.map((v) =>
		`${v.id} (${v.impact}): ${v.help}; ${v.nodes.length} times, first ${v.nodes[0].html.slice(0, 200)}` +
		` ${v.nodes[0].any.map((a) => a.message).join("; ").slice(0, 200)}`);
}

export async function accessible(browser, url, state) {
	for (const [width, colorScheme] of [[1440, "light"], [1440, "dark"], [390, "light"], [390, "dark"]]) {
		const context = await browser.newContext({ baseURL: url, storageState: state,
			viewport: { width, height: 900 }, colorScheme, bypassCSP: true });
		const page = await context.newPage();
		for (const path of width === 1440 ? all : key) {
			await page.goto(path);
			none(await violations(page), `${path} has no accessibility violation: ${width} px, ${colorScheme}`);
		}
		if (width === 390) {
			await page.goto("/");
			await page.getByRole("button", { name: "Menu" }).click();
			none(await violations(page), `the open menu has no accessibility violation: ${colorScheme}`);
		}
		await context.close();
	}
	const context = await browser.newContext({ baseURL: url, bypassCSP: true });
	const page = await context.newPage();
	await page.goto("/login");
	none(await violations(page), "/login has no accessibility violation");
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

export async function weight(browser, url, state) {
	const kB = (n) => `${(n / 1000).toFixed(1)} kB`;

	for (const [path, most] of [["/", 15000], ["/risks", 15000], ["/RSK-09", 15000], ["/model", 40000]]) {
		const context = await browser.newContext({ baseURL: url, storageState: state });
		const page = await context.newPage();
		const client = await context.newCDPSession(page);
		const bytes = new Map();
		const names = new Map();
		let html = 0;
		await client.send("Network.enable");
		client.on("Network.responseReceived", (e) => names.set(e.requestId, e.response.url));
		client.on("Network.loadingFinished", (e) => bytes.set(names.get(e.requestId), e.encodedDataLength));
		await page.goto(path, { waitUntil: "networkidle" });
		const nodes = await page.evaluate(() => document.querySelectorAll("*").length);
		for (const [name, n] of bytes)
			if (new URL(name).pathname === path)
				html = n;
		const files = [...bytes.keys()].map((n) => new URL(n).pathname.split("/").pop() || "/");
		ok(html > 0 && html <= most, `${path} weighs ${kB(html)} of ${kB(most)}, as sent`);
		ok(bytes.size <= 7, `${path} asks ${bytes.size} times when cold: ${files.join(" ")}`);
		if (path !== "/model")
			ok(nodes <= 1500, `${path} has ${nodes} of 1500 elements`);
		else
			note(`${path} has ${nodes} elements`);
		for (const [name, n] of bytes) {
			if (path === "/" && name.endsWith("ward.css"))
				ok(n <= 8000 + 400, `the stylesheet weighs ${kB(n)} with its headers`);
			if (path === "/" && name.endsWith("ward.js"))
				ok(n <= 10000, `the script weighs ${kB(n)} with its headers`);
		}
		await context.close();
	}
}
