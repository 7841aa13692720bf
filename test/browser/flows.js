/* What people do: sign in, edit, disagree, sign, look back, move about by keyboard. */
import { is, none, ok } from "./tap.js";
import { everything, overflow, violations } from "./pages.js";
import { listen, password, signIn } from "./ward.js";

const open = (browser, url, state, more) =>
	browser.newContext({ baseURL: url, storageState: state, viewport: { width: 1440, height: 900 }, ...more });

export async function signingIn(browser, url) {
	const context = await browser.newContext({ baseURL: url });
	const page = await context.newPage();
	const heard = listen(page);

	await page.goto("/RSK-12");
	is(new URL(page.url()).pathname, "/login", "without a session every page leads to the sign-in");
	await page.getByLabel("Name").fill("tomas");
	await page.getByLabel("Password").fill("wrong horse");
	await page.getByRole("button", { name: "Sign in" }).click();
	ok((await page.title()).startsWith("Error: "), "a wrong password shows in the title", await page.title());
	is(await page.getByRole("alert").count(), 1, "a wrong password is told in one alert");
	is(await page.getByLabel("Name").inputValue(), "tomas", "the name typed is kept");
	is(await page.getByLabel("Password").inputValue(), "", "the password typed is not sent back");
	heard.take();
	await page.getByLabel("Password").fill(password);
	await page.getByRole("button", { name: "Sign in" }).click();
	is(new URL(page.url()).pathname, "/RSK-12", "the right one leads to the page that was asked for");
	none(heard.take(), "signing in makes no console error");
	await page.getByRole("button", { name: "Sign out" }).click();
	await page.goto("/risks");
	is(new URL(page.url()).pathname, "/login", "after signing out nothing can be read");
	await context.close();
}

export async function editing(browser, url, state) {
	const context = await open(browser, url, state);
	const page = await context.newPage();
	const heard = listen(page);

	await page.goto("/RSK-12/edit");
	ok(await page.getByText("This record is in force: say why it changes.").isVisible(),
		"a record in force asks for a reason");
	await page.getByLabel("Treatment plan").fill("Parser in a sandbox <b>& a limit</b>");
	await page.getByRole("button", { name: "Save" }).click();
	ok((await page.title()).startsWith("Error: "), "without a reason it is not saved", await page.title());
	const alert = page.getByRole("alert");
	const link = alert.getByRole("link").first();
	is(await link.getAttribute("href"), "#reason", "the summary links to the field that is wrong");
	is(await page.getByLabel("Treatment plan").inputValue(), "Parser in a sandbox <b>& a limit</b>",
		"what was typed is kept");
	await page.goto("/RSK-12/edit");
	await page.getByLabel("Treatment plan").fill("Parser in a sandbox <b>& a limit</b>");
	await page.getByLabel("Reason", { exact: true }).fill("browser test");
	await page.getByRole("button", { name: "Save" }).click();
	is(new URL(page.url()).pathname, "/RSK-12", "with a reason it is saved");
	ok(await page.getByText("Parser in a sandbox <b>& a limit</b>").first().isVisible(),
		"the record shows the text as text");
	await page.goto("/RSK-12/history");
	ok(await page.getByRole("row", { name: /Treatment plan/ }).first().isVisible(), "the history shows the change");
	ok(await page.getByText("browser test").first().isVisible(), "the history shows the reason");
	await page.goto("/ledger?object=pending:RSK-12");
	const newest = page.locator("tbody tr").first();
	ok(/RSK-12/.test(await newest.innerText()) && /Tomas/.test(await newest.innerText()),
		"the ledger holds the change and who made it", await newest.innerText());
	await newest.getByRole("link").last().click();
	ok(/^\/ledger\/\d+$/.test(new URL(page.url()).pathname), "the entry opens");
	ok((await page.locator("pre").first().innerText()).includes("pending:RSK-12"), "its leaf names the record");
	none(heard.take().filter((m) => !/422/.test(m)), "editing makes no console error");

	await page.goto("/records/risk/new");
	await page.getByRole("button", { name: "Save" }).click();
	ok((await page.title()).startsWith("Error: "), "an empty new record is refused", await page.title());
	for (const a of await page.getByRole("alert").getByRole("link").all()) {
		const to = await a.getAttribute("href");
		is(await page.locator(`[id="${to.slice(1)}"]`).count(), 1, `the summary's link ${to} has its field`);
	}
	await context.close();
}

export async function disagreeing(browser, url, state) {
	const context = await open(browser, url, state, { bypassCSP: true });
	const [one, two] = [await context.newPage(), await context.newPage()];
	let asked = 0;

	two.on("dialog", (d) => {
		asked += 1;
		d.accept();
	});
	for (const [page, text] of [[one, "first"], [two, "second"]]) {
		await page.goto("/RSK-09/edit");
		await page.getByLabel("Treatment plan").fill(`plan of the ${text}`);
		if (await page.getByLabel("Reason", { exact: true }).count())
			await page.getByLabel("Reason", { exact: true }).fill("two tabs");
	}
	await one.getByRole("button", { name: "Save" }).click();
	is(new URL(one.url()).pathname, "/RSK-09", "the first of two saves");
	const answer = two.waitForResponse((r) => r.request().method() === "POST");
	await two.getByRole("button", { name: "Save" }).click();
	is((await answer).status(), 409, "the second is told that it came second");
	const differs = two.getByRole("row", { name: /Treatment plan/ });
	is(await differs.getByRole("deletion").innerText(), "plan of the first", "what is saved now is shown");
	is(await differs.getByRole("insertion").innerText(), "plan of the second", "beside what was typed");
	await differs.getByRole("link").click();
	is(await two.evaluate(() => document.activeElement.id || location.hash.slice(1)), "treatment_plan", "which leads to its field");
	is(await two.getByLabel("Treatment plan").inputValue(), "plan of the second", "the form holds what was typed");
	for (const width of [1440, 390, 320]) {
		await two.setViewportSize({ width, height: 900 });
		is(await overflow(two), "", `and fits ${width} px`);
	}
	none(await violations(two, everything), "the page has no accessibility violation");
	await two.getByRole("button", { name: "Save what I typed" }).click();
	is(new URL(two.url()).pathname, "/RSK-09", "one press saves it");
	ok((await two.locator("main").innerText()).includes("plan of the second"), "it is what was typed");
	is(asked, 0, "nobody is asked whether to leave");
	await context.close();
}

/* The same conflict without scripts on a small screen, dropped in the end. */
export async function disagreeingWithoutScripts(browser, url, state) {
	const context = await open(browser, url, state, { javaScriptEnabled: false, viewport: { width: 390, height: 844 } });
	const [one, two] = [await context.newPage(), await context.newPage()];

	for (const [page, text] of [[one, "first"], [two, "second"]]) {
		await page.goto("/RSK-09/edit");
		await page.getByLabel("Treatment plan").fill(`${text} without scripts`);
		await page.getByLabel("Reason", { exact: true }).fill("two phones");
	}
	await one.getByRole("button", { name: "Save" }).click();
	await two.getByRole("button", { name: "Save" }).click();
	is(await two.getByLabel("Reason", { exact: true }).inputValue(), "two phones", "without scripts: the reason is kept");
	await two.getByRole("link", { name: "Drop what I typed" }).click();
	is(new URL(two.url()).pathname, "/RSK-09", "without scripts: what was typed can be dropped");
	ok((await two.locator("main").innerText()).includes("first without scripts"), "without scripts: the other text stays");
	await context.close();
}

/* Fills in the first form of the page that signs, and returns the status of the answer. */
async function sign(page, name, word) {
	const form = page.locator("form", { has: page.getByLabel("Password") }).first();

	await page.goto("/DOC-14");
	await form.getByLabel("Name you sign in with").fill(name);
	await form.getByLabel("Password").fill(word);
	const answer = page.waitForResponse((r) => r.request().method() === "POST");
	await form.getByRole("button").click();
	const status = (await answer).status();
	await page.waitForLoadState();
	return status;
}

export async function moving(browser, url, state) {
	const one = await open(browser, url, state);
	const two = await open(browser, url, await signIn(browser, url, "hanna"));
	const [tomas, hanna] = [await one.newPage(), await two.newPage()];

	await tomas.goto("/DOC-14");
	await tomas.getByRole("button", { name: /^Send to review/ }).click();
	ok(/In review/.test(await tomas.locator(".head").innerText()), "a draft is sent to review");
	await hanna.goto("/DOC-14");
	ok(await hanna.getByText("Signing means").isVisible(), "a signature says what it means");
	is(await sign(hanna, "hanna", "not it at all"), 422, "a wrong password signs nothing");
	is(await sign(hanna, "tomas", password), 422, "nor does somebody else's name");
	is(await sign(hanna, "hanna", password), 303, "the right one signs");
	ok(await hanna.getByRole("heading", { name: "Signatures" }).isVisible(), "the signature stands on the record");
	ok(/Approved/.test(await hanna.locator(".head").innerText()), "the document is approved");
	await one.close();
	await two.close();
}

export async function linking(browser, url, state) {
	const context = await open(browser, url, state);
	const page = await context.newPage();
	const links = page.locator("section", { has: page.locator("#h-links") });

	await page.goto("/RSK-20");
	const before = await links.locator("tbody tr").count();
	await page.getByText("Add a link").click();
	await page.getByLabel("Meaning").selectOption({ label: "Threatens" });
	await page.getByLabel("Record", { exact: true }).fill("A18");
	await page.getByRole("button", { name: "Link", exact: true }).click();
	is(await links.locator("tbody tr").count(), before + 1, "a link is added");
	await page.getByRole("button", { name: "Remove the link to A18" }).click();
	is(await links.locator("tbody tr").count(), before, "and removed");
	await context.close();
}

export async function lookingUp(browser, url, state) {
	const context = await open(browser, url, state);
	const page = await context.newPage();

	await page.goto("/RSK-09?at=2026-03-01");
	const band = page.getByRole("status");
	ok(/1 Mar 2026/.test(await band.innerText()), "a past date is told in a band", await band.innerText());
	ok(/Evaluated/.test(await page.locator(".head").innerText()), "the record shows the state it had");
	is(await page.getByRole("link", { name: "Edit" }).count(), 0, "the past cannot be edited");
	await band.getByRole("link").click();
	ok(!page.url().includes("at=") && !/Evaluated/.test(await page.locator(".head").innerText()),
		"the band leads back to now");

	await page.goto("/records/risk");
	const rows = await page.locator("tbody tr").count();
	await page.getByLabel("State").selectOption({ label: "Treated" });
	await page.getByRole("button", { name: "Filter" }).click();
	ok(page.url().includes("state=treated"), "a filter stands in the address", page.url());
	const fewer = await page.locator("tbody tr").count();
	ok(fewer > 0 && fewer < rows, `a filter leaves ${fewer} of ${rows}`);
	await page.locator("thead").getByRole("link").first().click();
	ok(page.url().includes("state=treated") && page.url().includes("sort="), "sorting keeps the filter", page.url());
	is(await page.locator("th[aria-sort]").count(), 1, "the sorted column says so");
	for (const [name, type] of [["CSV", "text/csv"], ["JSON", "application/json"]]) {
		const answer = await context.request.get(await page.getByRole("link", { name }).getAttribute("href"));
		const body = await answer.text();
		ok(answer.status() === 200 && answer.headers()["content-type"].startsWith(type), `the list comes as ${name}`,
			answer.status(), answer.headers()["content-type"]);
		is(name === "CSV" ? body.trim().split(/\r?\n(?=[A-Z]+-\d)/).length - 1 : JSON.parse(body).length ?? JSON.parse(body).items.length,
			fewer, `${name} holds the rows of the filter`);
	}
	await page.getByRole("searchbox", { name: "Search everything" }).fill("RSK-12");
	await page.keyboard.press("Enter");
	await page.waitForURL((u) => u.pathname !== "/records/risk");
	is(new URL(page.url()).pathname, "/RSK-12", "a reference in the search box jumps");
	await page.goto("/search?q=firmware");
	ok(await page.locator("tbody tr").count() > 3, "words find records");
	await context.close();
}

export async function keyboard(browser, url, state) {
	const context = await open(browser, url, state);
	const page = await context.newPage();
	const focused = () => page.evaluate(() => document.activeElement.id || document.activeElement.textContent.trim());

	await page.goto("/");
	await page.keyboard.press("Tab");
	is(await focused(), "Skip to content", "the first Tab reaches the skip link");
	const box = await page.locator(".skip").boundingBox();
	ok(box.y >= 0, "the skip link is seen when it has the focus");
	await page.keyboard.press("/");
	is(await focused(), "q", "/ goes to the search box");
	await page.keyboard.press("g");
	is(await page.locator("#q").inputValue(), "g", "keys type where somebody types");
	await page.goto("/");
	await page.keyboard.press("g");
	await page.keyboard.press("r");
	await page.waitForURL("**/risks");
	ok(true, "g r goes to the risks");
	await page.keyboard.press("j");
	ok(await page.evaluate(() => Boolean(document.activeElement.closest("tbody tr"))), "j goes to a row");
	await page.keyboard.press("?");
	ok(await page.getByRole("dialog", { name: "Keys" }).isVisible(), "? shows the keys");
	await page.keyboard.press("Escape");
	is(await page.getByRole("dialog").count(), 0, "Escape closes them");
	await page.goto("/RSK-09");
	await page.keyboard.press("e");
	await page.waitForURL("**/RSK-09/edit");
	ok(true, "e edits the record");
	await page.getByLabel("Title").fill("changed");
	let asked = 0;
	page.on("dialog", (d) => {
		asked += 1;
		d.accept();
	});
	await page.goto("/");
	is(asked, 1, "leaving unsaved changes is asked about");
	await context.close();
}

export async function withoutScripts(browser, url) {
	const context = await browser.newContext({ baseURL: url, javaScriptEnabled: false,
		viewport: { width: 390, height: 844 } });
	const page = await context.newPage();

	await page.goto("/login");
	await page.getByLabel("Name").fill("tomas");
	await page.getByLabel("Password").fill(password);
	await page.getByRole("button", { name: "Sign in" }).click();
	is(new URL(page.url()).pathname, "/", "without scripts: signs in");
	const risks = page.getByRole("link", { name: "Risks", exact: true });
	is(await risks.isVisible(), false, "without scripts: the menu is shut at first");
	await page.getByRole("button", { name: "Menu" }).click();
	ok(await risks.isVisible(), "without scripts: the menu opens");
	await risks.click();
	is(new URL(page.url()).pathname, "/risks", "without scripts: the menu leads to a place");
	await page.goto("/RSK-10/edit");
	await page.getByLabel("Treatment plan").fill("without scripts");
	await page.getByLabel("Reason", { exact: true }).fill("no scripts");
	await page.getByRole("button", { name: "Save" }).click();
	is(new URL(page.url()).pathname, "/RSK-10", "without scripts: saves");
	ok((await page.locator("main").innerText()).includes("without scripts"), "without scripts: what was saved is shown");
	await context.close();
}

export async function refusing(browser, url) {
	const context = await open(browser, url, await signIn(browser, url, "auditor"));
	const page = await context.newPage();
	const status = async (path) => (await page.goto(path)).status();

	is(await status("/RSK-09"), 200, "an auditor reads a risk");
	is(await page.getByRole("link", { name: "Edit" }).count(), 0, "an auditor is not offered to edit it");
	is(await status("/RSK-09/edit"), 403, "nor can he by its address");
	is(await page.locator("h1").innerText(), "You may not do this", "the page says so in words");
	const csrf = await page.locator('input[name="csrf"]').first().inputValue();
	const answer = await context.request.post("/RSK-09", { form: { csrf, rev: "2", title: "mine" }, maxRedirects: 0 });
	is(answer.status(), 403, "nor by sending the form");
	is((await context.request.post("/RSK-09", { form: { rev: "2", title: "mine" }, maxRedirects: 0 })).status(), 403,
		"a form without the session's token is refused");
	await page.goto("/ledger");
	ok(/denied/.test(await page.locator("tbody").innerText()), "the ledger shows the refusal",
		(await page.locator("tbody").innerText()).slice(0, 400));
	is(await status("/RSK-9999"), 404, "a record that does not exist is not found");
	is(await status("/nowhere"), 404, "nor a place");
	await context.close();
}
