/* Every check in the browser, in order; TAP on standard output. */
import { drawing } from "./drawing.js";
import * as flows from "./flows.js";
import { accessible, headers, tour, weight } from "./pages.js";
import { screenshots } from "./screenshots.js";
import { done, part } from "./tap.js";
import { triage } from "./triage.js";
import { signIn, startBrowser, startServer } from "./ward.js";

const server = await startServer();
const browser = await startBrowser();
const { url } = server;
try {
	const tomas = await signIn(browser, url, "tomas");

	if (process.env.WARD_SCREENSHOTS)
		await part("screenshots", () => screenshots(browser, url, tomas));
	await part("headers", () => headers(browser, url, tomas));
	await part("weight", () => weight(browser, url, tomas));
	await part("pages", () => tour(browser, url, tomas));
	await part("accessibility", () => accessible(browser, url, tomas));
	for (const flow of Object.values(flows))
		await part(flow.name, () => flow(browser, url, tomas));
	await part("drawing", () => drawing(browser, url, tomas));
	await part("triage", () => triage(browser, url, tomas));
} finally {
	await browser.close();
	server.stop();
}
process.exit(done());
