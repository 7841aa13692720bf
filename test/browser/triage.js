/* Triage: a question answered for several parts, decisions with and without scripts, by keys, by two
   people at once, by somebody who may only read. */
import { everything, overflow, violations } from "./pages.js";
import { is, none, ok } from "./tap.js";
import { listen, signIn } from "./ward.js";

const counts = async (page) => Object.fromEntries(await page.locator("nav.tabs a:has(.n)").evaluateAll((all) =>
	all.map((a) => [a.firstChild.textContent, Number(a.querySelector(".n").textContent)])));
const rows = (page) => page.locator("table.list tbody tr:not(.group)");
const json = async (page, ref) => (await page.request.get(`/${ref}.json`)).json();

async function context(browser, url, state, more = {}) {
	const c = await browser.newContext({ baseURL: url, storageState: state, viewport: { width: 1440, height: 1000 }, ...more });
	return { c, page: await c.newPage() };
}

/* A question, about the first two of its parts. */
async function answerOne(page) {
	await page.goto("/model/triage");
	ok(await page.locator("details.ask[open]").count() === 1 && await page.locator("p.ask a").count() > 5,
		"one question is unfolded, the others are links to it");
	await page.goto("/model/triage?ask=element.validates-input");
	const before = await counts(page), ask = page.locator("details.ask").first();
	const boxes = ask.locator('input[name="pick"]');
	const all = await boxes.count();
	ok(all > 2 && await ask.evaluate((d) => d.open), "a question is open, with its parts", all);
	is(await ask.locator("input:checked").count(), all, "all parts are chosen");
	for (let i = 2; i < all; i++)
		await boxes.nth(i).uncheck();
	const [first, second] = await Promise.all([0, 1].map((n) => boxes.nth(n).inputValue()));
	await ask.getByLabel("Answer").selectOption("yes");
	await ask.getByLabel("What shows it").fill("interview with Ada");
	await ask.getByRole("button").click();
	await page.getByText("2 done, each with its entry").waitFor();
	const after = await counts(page);
	ok(after["With a question"] < before["With a question"], "one answer closes questions", JSON.stringify([before, after]));
	for (const sent of [first, second]) {
		const said = (await json(page, sent.split(":")[1])).property.find((p) => p.claim === "interview with Ada");
		is(said && said.value, "yes", `${sent} says so, and what shows it`);
	}
}

/* By keys: down the table, x chooses, a letter decides. */
async function byKeys(page) {
	await page.goto("/model/triage?of=IF-11");
	const before = await counts(page);
	is(await rows(page).count(), 1, "the list of one part has only its threats");
	await page.keyboard.press("j");
	const focused = await page.evaluate(() => document.activeElement.closest("tr").textContent.length > 0);
	ok(focused, "j goes to a row");
	await page.keyboard.press("x");
	is(await page.locator("table.list input:checked").count(), 1, "x chooses it");
	await page.keyboard.press("d");
	ok(await page.getByLabel("Does not apply").isChecked(), "d is the decision");
	ok(!await page.getByLabel("Transferred to").isVisible(), "and asks for nothing else");
	await page.getByLabel("Reason", { exact: true }).fill("the port is sealed");
	await page.getByRole("button", { name: "Decide" }).click();
	await page.getByText("1 done, each with its entry").waitFor();
	const after = await counts(page);
	is(after.Open, before.Open - 1, "it is open no more");
	is(after.Decided, before.Decided + 1, "it is decided");
	await page.getByRole("link", { name: /^Decided/ }).click();
	await page.waitForURL(/show=decided/);
	ok(await rows(page).filter({ hasText: "the port is sealed" }).count() === 1, "and stands with its reason");
	await rows(page).filter({ hasText: "the port is sealed" }).getByRole("link").click();
	await page.waitForURL(/THR-\d+$/);
	const threat = await json(page, page.url().split("/").pop());
	is(`${threat.state}, ${threat.decision}, ${threat.reason}`, "not_applicable, dismiss, the port is sealed",
		"as a threat with its reason");
	ok(threat.rule_key.includes("/") && / rev \d+$/.test(threat.rule), "its identity and the rule's revision",
		threat.rule_key + threat.rule);
}

/* Without scripts: a reason forgotten, and then a control with its requirement for a whole rule. */
async function withoutScripts(browser, url, state) {
	const { c, page } = await context(browser, url, state, { javaScriptEnabled: false });
	await page.goto("/model/triage?by=rule");
	await page.getByRole("link", { name: /^Choose all \d+ of unencrypted-inside-zone/ }).click();
	await page.waitForURL(/all=/);
	const chosen = await page.locator("table.list input:checked").count();
	ok(chosen > 1, "a link chooses all of a rule", chosen);
	await page.getByLabel("Accept", { exact: true }).check();
	await page.getByRole("button", { name: "Decide" }).click();
	const told = page.locator(".band.bad");
	ok((await told.textContent()).includes("this decision needs one"), "a reason that is missing is asked for");
	is(await page.locator("table.list input:checked").count(), chosen, "what was chosen stays chosen");
	ok(await page.getByLabel("Accept", { exact: true }).isChecked(), "so does the decision");
	await page.getByLabel("Mitigate by a control").check();
	await page.getByRole("button", { name: "Decide" }).click();
	ok((await page.locator("[role=status]").textContent()).includes(`${chosen} done`), "then all are decided at once");
	await page.goto("/model/triage?show=decided");
	await page.getByRole("row", { name: /Mitigated by controls/ }).first().getByRole("link").click();
	const links = await page.textContent("main");
	ok(/CM-\d+/.test(links), "countered by a control");
	const controls = await (await page.request.get("/records/control.json?reference=countermeasure+encrypt-in-transit")).json();
	is(controls.items.length, 1, "which was made once");
	await page.goto(`/${controls.items[0].ref}`);
	const requirement = /REQ-\d+/.exec(await page.textContent("main"))[0];
	const r = await json(page, requirement);
	ok(r.acceptance.startsWith("- ") && r.statement.includes("shall"), "and refined by a requirement with acceptance criteria",
		JSON.stringify(r));
	const backlog = await (await page.request.get("/model/backlog.json")).json();
	ok(backlog.some((i) => i.external_id === requirement && i.body.includes(controls.items[0].ref)),
		"which is in the backlog with its control");
	ok((await (await page.request.get("/model/backlog.csv?for=jira")).text()).includes(`[${requirement}]`), "for Jira too");
	await c.close();
}

/* Two people see the same finding; the second is told, and keeps what they typed. */
async function atOnce(browser, url, mei, tomas) {
	const one = await context(browser, url, mei), two = await context(browser, url, tomas);
	await one.page.goto("/model/triage");
	await two.page.goto("/model/triage");
	for (const { page } of [one, two]) {
		await rows(page).first().getByRole("checkbox").check();
		await page.getByLabel("Assume", { exact: true }).check();
		await page.getByLabel("What is assumed").fill(page === one.page ? "The cable is inside the housing" : "Nobody opens it");
	}
	await one.page.getByRole("button", { name: "Decide" }).click();
	await one.page.getByText("1 done").waitFor();
	await two.page.getByRole("button", { name: "Decide" }).click();
	await two.page.getByText("was decided by somebody else").waitFor();
	is(await two.page.getByLabel("What is assumed").inputValue(), "Nobody opens it", "who comes second keeps what they typed");
	const all = await (await one.page.request.get("/records/assumption.json?q=cable")).json();
	is(all.items.length, 1, "the first made an assumption");
	const none_of = await (await one.page.request.get("/records/assumption.json?q=nobody")).json();
	is(none_of.items.length, 0, "the second left nothing behind");
	await one.c.close();
	await two.c.close();
}

/* What a person wrote down is listed and decided like what a rule found. */
async function byHand(page) {
	await page.goto("/model/triage?by=rule");
	const row = page.getByRole("row", { name: /THR-41/ });
	ok((await row.textContent()).includes("recorded by hand"), "a threat recorded by hand is in triage");
	await row.getByRole("checkbox").check();
	await page.getByLabel("Accept", { exact: true }).check();
	await page.getByLabel("Reason", { exact: true }).fill("the nurse looks at the pump");
	await page.getByRole("button", { name: "Decide" }).click();
	await page.getByText("1 done").waitFor();
	const threat = await json(page, "THR-41");
	is(`${threat.state} ${threat.decision}`, "answered accept", "and decided there");
}

/* Every part by every class: figures lead to what they count. */
async function coverage(page) {
	await page.goto("/model/coverage");
	ok(await page.locator("table.cover tbody tr").count() === 50, "coverage has a row a part, fifty a page");
	const cell = page.locator("table.cover td.question a").first();
	const figure = await cell.locator(".sr").textContent();
	await cell.click();
	await page.waitForURL(/show=questions&of=/);
	ok(figure.includes(`${await rows(page).count()} to answer`) || await rows(page).count() > 1, "a figure leads to its rows", figure);
	await page.goto("/model/coverage");
	const model = page.locator('table.cover td.handled a[href^="/model/edit#"]').first();
	const part = (await model.getAttribute("href")).split("#")[1];
	await model.click();
	await page.locator(`.inspector h2 a[href="/${part}"]`).waitFor();
	ok(true, "what the model answers by itself leads to the part in the editor");
	const csv = await (await page.request.get("/model/coverage.csv")).text();
	ok(csv.startsWith("part,title,Spoofing,") && csv.split("\r\n").length > 60, "coverage comes as CSV, whole");
}

/* What the tracker says comes back as a file, and a bad one changes nothing. */
async function backlog(browser, url, state) {
	const { c, page } = await context(browser, url, state, { javaScriptEnabled: false });
	const send = async (text) => {
		await page.goto("/model/backlog");
		await page.getByLabel("File").setInputFiles({ name: "back.csv", mimeType: "text/csv", buffer: Buffer.from(text) });
		await page.getByRole("button", { name: "Read the file" }).click();
	};
	await send("id,key,status,assignee\nREQ-01,SEC-7,In progress,kim\nREQ-999,SEC-8,Done,kim\n");
	const told = await page.getByRole("alert").textContent();
	ok(told.includes("back.csv:3:1") && told.includes("REQ-999"), "a row of nobody's is told with its place", told);
	ok(!(await page.textContent("main")).includes("In progress"), "and nothing was changed");
	await send("id,key,status,assignee\nREQ-01,SEC-7,In progress,kim\n");
	await page.getByText("1 items read, 1 requirements changed").waitFor();
	const row = page.getByRole("row", { name: /REQ-01/ });
	ok((await row.textContent()).includes("SEC-7") && (await row.textContent()).includes("In progress"), "the state of the item stands beside the requirement");
	is((await json(page, "REQ-01")).backlog_assignee, "kim", "with who works on it");
	await c.close();
}

/* A flow leaves the picture; its threat is set aside, and comes back with its history. */
async function goneAndBack(page) {
	const key = "unencrypted-inside-zone/F19";
	const move = async (to) => {
		await page.goto("/F19");
		const csrf = await page.locator('input[name="csrf"]').first().inputValue();
		const r = await page.request.post("/F19/move", { form: { csrf, to, reason: "looked at the board" } });
		is(r.status(), 200, `the flow is ${to}`);
	};
	await move("retired");
	await page.goto("/model/triage?show=leaving");
	const row = page.getByRole("row", { name: key });
	is(await row.count(), 1, "its threat is no longer in the model");
	await row.getByRole("checkbox").check();
	await page.getByRole("button", { name: "Set aside as gone" }).click();
	await page.getByText("1 done").waitFor();
	await page.goto("/model/triage?show=gone");
	const ref = (await row.getByRole("link").getAttribute("href")).slice(1);
	const threat = await json(page, ref);
	is(`${threat.state} ${threat.decision}`, "gone mitigate", "it is gone, and keeps what was decided");
	await move("active");
	await page.goto("/model/triage?show=again");
	ok((await row.textContent()).includes("It was gone and is back"), "it comes back to be looked at again");
	is((await row.getByRole("link").getAttribute("href")).slice(1), ref, "as the same threat");
}

async function narrowAndReading(browser, url, mei, auditor) {
	const small = await context(browser, url, mei, { viewport: { width: 390, height: 900 }, bypassCSP: true });
	const heard = listen(small.page);
	for (const path of ["/model/triage", "/model/triage?show=questions&by=rule", "/model/triage?show=decided", "/model/coverage", "/model/backlog"]) {
		await small.page.goto(path);
		is(await overflow(small.page), "", `${path} fits 390 px`);
		none(await violations(small.page, everything), `${path} has no accessibility violation: 390 px`);
		none(heard.take(), `${path} opens cleanly`);
	}
	await small.c.close();
	const wide = await context(browser, url, mei, { bypassCSP: true, colorScheme: "dark" });
	await wide.page.goto("/model/triage");
	none(await violations(wide.page, everything), "triage has no accessibility violation: 1440 px, dark");
	await wide.c.close();
	const reader = await context(browser, url, auditor);
	await reader.page.goto("/model/triage");
	is(await reader.page.locator("main form[method=post], main input").count(), 0, "who may only read sees no form");
	ok(await rows(reader.page).count() > 0, "but what is open");
	await reader.c.close();
}

export async function triage(browser, url, tomas) {
	const mei = await signIn(browser, url, "mei"), auditor = await signIn(browser, url, "auditor");
	const { c, page } = await context(browser, url, mei);
	const heard = listen(page);
	await narrowAndReading(browser, url, mei, auditor);
	await answerOne(page);
	await byKeys(page);
	await withoutScripts(browser, url, mei);
	await goneAndBack(page);
	await byHand(page);
	await coverage(page);
	await backlog(browser, url, mei);
	await atOnce(browser, url, mei, tomas);
	none(heard.take(), "the browser complains of nothing");
	await c.close();
}
