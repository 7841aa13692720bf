/* A demo server of our own on a free port, and a browser that is signed in to it. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

export const root = fileURLToPath(new URL("../..", import.meta.url));
export const password = "correct horse battery staple";

const flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
	"--disable-background-networking", "--disable-component-update", "--disable-sync",
	"--force-color-profile=srgb", "--font-render-hinting=none"];

/* Starts `ward demo`; its store is a temporary folder that it deletes when it ends. */
export function startServer() {
	const program = process.env.WARD || `${root}build/ward`;
	const server = spawn(program, ["demo", "--listen", "127.0.0.1:0"], { cwd: root });
	let said = "";

	return new Promise((resolve, reject) => {
		const late = setTimeout(() => reject(new Error(`ward demo is not up:\n${said}`)), 30000);
		const hear = (bytes) => {
			said += bytes;
			const address = /^Open\s+(http:\S+)/m.exec(said);
			if (!address)
				return;
			clearTimeout(late);
			resolve({ url: address[1], stop: () => server.kill("SIGTERM") });
		};
		server.stdout.on("data", hear);
		server.stderr.on("data", hear);
		server.on("error", reject);
		server.on("exit", (code) => reject(new Error(`ward demo ended with ${code}:\n${said}`)));
	});
}

export function startBrowser() {
	const places = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser"];
	return chromium.launch({ executablePath: places.find((p) => p && existsSync(p)), args: flags });
}

/* Signs in through the form and returns what a context needs to be that person. */
export async function signIn(browser, url, name) {
	const context = await browser.newContext({ baseURL: url });
	const page = await context.newPage();

	await page.goto("/login");
	await page.getByLabel("Name").fill(name);
	await page.getByLabel("Password").fill(password);
	await page.getByRole("button", { name: "Sign in" }).click();
	await page.waitForURL((u) => u.pathname !== "/login");
	const state = await context.storageState();
	await context.close();
	return state;
}

/* Collects what the browser complains about: errors, refused styles, requests that failed. */
export function listen(page) {
	const heard = [];

	page.on("console", (m) => {
		if (m.type() === "error" || m.type() === "warning")
			heard.push(`console: ${m.text()}`);
	});
	page.on("pageerror", (e) => heard.push(`script: ${e.message}`));
	page.on("requestfailed", (r) => heard.push(`not loaded: ${r.url()} ${r.failure()?.errorText}`));
	return { take: () => heard.splice(0) };
}
