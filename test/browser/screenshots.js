/* The pictures of the README, from the demo; written only when WARD_SCREENSHOTS is set. */
import { mkdirSync, statSync } from "node:fs";
import { ok } from "./tap.js";
import { root } from "./ward.js";

const pictures = [
	["overview", "/"], ["overview-dark", "/", { colorScheme: "dark" }],
	["overview-narrow", "/", { viewport: { width: 390, height: 844 } }],
	["threat-model", "/model"], ["drawing", "/model/edit"], ["triage", "/model/triage"],
	["risks", "/risks"], ["traceability", "/trace"],
	["record", "/RSK-09"], ["ledger", "/ledger"], ["readiness", "/readiness/iso-28000-2022"],
	["plan", "/PRD-2/plan"],
];

export async function screenshots(browser, url, state) {
	const folder = `${root}doc/screenshots`;

	mkdirSync(folder, { recursive: true });
	for (const [name, path, more] of pictures) {
		const context = await browser.newContext({ baseURL: url, storageState: state,
			viewport: { width: 1440, height: 900 }, ...more });
		const page = await context.newPage();
		await page.goto(path, { waitUntil: "networkidle" });
		await page.screenshot({ path: `${folder}/${name}.png` });
		const bytes = statSync(`${folder}/${name}.png`).size;
		ok(bytes < 300000, `the picture ${name} has ${Math.round(bytes / 1000)} of 300 kB`);
		await context.close();
	}
}
