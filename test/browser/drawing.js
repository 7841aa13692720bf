/* The diagram editor: drawing by pointer and by keys, undo, lost connections, two people at once. */
import { is, none, ok } from "./tap.js";
import { listen, signIn } from "./ward.js";

const saved = (page) => page.waitForFunction(() =>
	document.getElementById("diagram-state").textContent === "All changes are saved");
const node = (page, ref) => page.locator(`#canvas a[data-ref="${ref}"]`);
const stateOf = async (page) => (await page.request.get("/model/edit.json")).json();
const partOf = async (page, ref) => (await stateOf(page)).parts.find((p) => p.record.ref === ref);
const inspected = (page, name) => page.locator(`.inspector [name="${name}"]`);

async function open(browser, url, state) {
	const context = await browser.newContext({ baseURL: url, storageState: state,
		viewport: { width: 1440, height: 1000 } });
	const page = await context.newPage();
	const heard = listen(page);
	await begin(page);
	return { context, page, heard };
}

async function begin(page) {
	await page.goto("/model/edit");
	await page.locator(".tools").waitFor();
	await saved(page);
}

/* The reference of the part that was added last: it is selected and described. */
async function added(page, before) {
	await page.waitForFunction((n) => document.querySelectorAll("#canvas [data-ref]").length > n, before);
	await saved(page);
	return page.evaluate(() => document.querySelector("#canvas .picked").dataset.ref);
}

const count = (page) => page.locator("#canvas [data-ref]").count();

async function dragBy(page, ref, dx, dy) {
	const box = await node(page, ref).locator(".node").first().boundingBox();
	const x = box.x + box.width / 2, y = box.y + box.height / 2;
	await page.mouse.move(x, y);
	await page.mouse.down();
	await page.mouse.move(x + dx / 2, y + dy / 2);
	await page.mouse.move(x + dx, y + dy);
	await page.mouse.up();
	await saved(page);
}

/* ---- by pointer ---- */

async function byPointer(page) {
	const before = await partOf(page, "C14"), still = await partOf(page, "C13");
	await dragBy(page, "C14", 60, 40);
	await page.waitForFunction(() => !document.querySelector('[data-do="undo"]').disabled);
	const after = await partOf(page, "C14");
	ok(after.box[0] > before.box[0] + 20 && after.box[1] > before.box[1] + 20, "an element goes where it is dragged",
		JSON.stringify([before.box, after.box]));
	is(JSON.stringify((await partOf(page, "C13")).box), JSON.stringify(still.box), "the others stay where they are");
	await page.getByRole("button", { name: "Undo", exact: true }).click();
	await saved(page);
	is(JSON.stringify((await partOf(page, "C14")).box), JSON.stringify(before.box), "undo takes it back");
	await page.getByRole("button", { name: "Redo" }).click();
	await saved(page);
	is(JSON.stringify((await partOf(page, "C14")).box), JSON.stringify(after.box), "redo moves it again");
	await page.reload();
	await saved(page);
	is(JSON.stringify((await partOf(page, "C14")).box), JSON.stringify(after.box), "and it is there after a reload");

	const n = await count(page);
	await node(page, "C14").click();
	await page.getByRole("button", { name: "Process", exact: true }).click();
	const ref = await added(page, n);
	is((await partOf(page, ref)).record.zone, before.record.zone, "what is added lands in the zone of what is selected");
	await inspected(page, "title").fill("Alarm relay");
	await inspected(page, "zone").focus();
	await page.waitForFunction((r) => document.querySelector(`#canvas a[data-ref="${r}"]`)
		.getAttribute("aria-label").startsWith("Alarm relay"), ref);
	is(await page.evaluate(() => document.activeElement.name), "zone", "typing goes on while the picture is drawn anew");
	await saved(page);
	await page.getByRole("button", { name: "Connect" }).click();
	await node(page, "C13").click();
	const flow = await added(page, n + 1);
	is((await partOf(page, flow)).record.from, ref, "a flow begins where it was begun");
	is((await partOf(page, flow)).record.to, "C13", "and ends where it was pointed to");
	return { ref, flow };
}

async function removing(page, { ref, flow }) {
	await node(page, ref).click();
	await page.getByRole("button", { name: "Remove", exact: true }).click();
	await node(page, ref).waitFor({ state: "detached" });
	await saved(page);
	is((await partOf(page, flow)).record.state, "retired", "an element takes its flows along");
	await page.getByRole("button", { name: "Undo", exact: true }).click();
	await node(page, ref).waitFor();
	await saved(page);
	ok((await partOf(page, flow)).record.state !== "retired", "and undo brings both back");
}

/* ---- by keys ---- */

async function byKeys(page) {
	const before = await partOf(page, "C01");
	await node(page, "C01").focus();
	await page.keyboard.press(" ");
	await page.keyboard.press("Alt+ArrowDown");
	await saved(page);
	await page.waitForTimeout(100);
	is((await partOf(page, "C01")).box[1], before.box[1] + 20, "Alt and an arrow move an element");
	await page.keyboard.press("ArrowRight");
	ok(await page.evaluate(() => document.activeElement.dataset.ref !== "C01" && document.activeElement.dataset.ref),
		"an arrow goes to the next element");
	await node(page, "C01").focus();
	await page.keyboard.press(" ");
	const n = await count(page);
	await page.keyboard.press("3");
	const store = await added(page, n);
	is((await partOf(page, store)).record.type, "store", "a digit adds a part of its type");
	await node(page, store).focus();
	await page.keyboard.press(" ");
	await page.keyboard.press("c");
	await node(page, "C01").focus();
	await page.keyboard.press("Enter");
	const flow = await added(page, n + 1);
	is((await partOf(page, flow)).record.to, "C01", "c and Enter connect two elements");
	await node(page, store).focus();
	await page.keyboard.press(" ");
	await page.keyboard.press("Delete");
	await node(page, store).waitFor({ state: "detached" });
	await saved(page);
	await page.locator("#canvas").focus();
	await page.keyboard.press("Control+z");
	await node(page, store).waitFor();
	await saved(page);
	ok((await partOf(page, flow)).record.state !== "retired", "Control and Z undo a removal");
}

/* ---- zones with a place, copies, facts ---- */

const act = async (page, run) => {
	const [reply] = await Promise.all([page.waitForResponse((r) => r.url().endsWith("/model/acts")), run()]);
	await saved(page);
	return reply;
};
const undo = (page) => act(page, () => page.getByRole("button", { name: "Undo", exact: true }).click());
const zoneRect = (page, ref) => page.locator(`#canvas rect[data-zone="${ref}"]`);
const picked = (page) => page.evaluate(() => [...document.querySelectorAll("#canvas .picked")].map((e) => e.dataset.ref));

async function pull(page, from, to) {
	await page.mouse.move(...from);
	await page.mouse.down();
	await page.mouse.move((from[0] + to[0]) / 2, (from[1] + to[1]) / 2, { steps: 3 });
	await page.mouse.move(...to, { steps: 3 });
	await page.mouse.up();
}

/* Drags a button of the row onto a free place of the canvas below everything, and names what it adds. */
async function drop(page, type, at, title) {
	const b = await page.locator(`[data-do="${type}"]`).boundingBox();
	await act(page, () => pull(page, [b.x + 8, b.y + 8], at));
	await act(page, async () => {
		await page.keyboard.type(title);
		await page.keyboard.press("Enter");
	});
	return (await picked(page))[0];
}

async function zones(page) {
	for (let i = 0; i < 3; i++)
		await page.getByRole("button", { name: "Smaller" }).click();
	await page.locator("#canvas").evaluate((c) => c.scrollTo(0, 0));
	const canvas = await page.locator("#canvas").boundingBox();
	const low = canvas.y + canvas.height - 130;
	const zone = await drop(page, "zone", [canvas.x + 120, low], "Store room");
	const first = await partOf(page, zone);
	ok(first.placed && first.box.join() === first.placed.join(), "a zone drawn empty has the place where it was dropped");
	const r = await zoneRect(page, zone).boundingBox();
	const inner = await drop(page, "process", [r.x + r.width / 2, r.y + r.height / 2 + 8], "Inventory");
	is((await partOf(page, inner)).record.zone, zone, "what is dropped into it lies in it");
	const before = await partOf(page, inner);
	const now = await zoneRect(page, zone).boundingBox();
	await act(page, () => pull(page, [now.x + 6, now.y + now.height - 6], [now.x + 76, now.y + now.height + 24]));
	const after = await partOf(page, inner), moved = await partOf(page, zone);
	ok(moved.placed[0] > first.placed[0] + 30 && Math.abs((after.box[0] - before.box[0]) - (moved.placed[0] - first.placed[0])) < 2,
		"a zone that is moved takes along what it holds", JSON.stringify([before.box, after.box, first.placed, moved.placed]));
	await zoneRect(page, zone).focus();
	await page.keyboard.press("Space");
	await act(page, () => page.keyboard.press("Control+ArrowRight"));
	is((await partOf(page, zone)).placed[2], moved.placed[2] + 20, "Control and an arrow make it wider");
	await page.locator(".inspector summary", { hasText: "Place" }).click();
	await page.getByLabel("Height").fill("400");
	await act(page, () => page.getByLabel("Height").press("Enter"));
	is((await partOf(page, zone)).placed[3], 400, "and a number sets its height");

	/* Out of it, and back by undo. */
	const box = await node(page, inner).locator(".node").boundingBox();
	await act(page, () => pull(page, [box.x + 20, box.y + 20], [box.x + 420, box.y + 20]));
	is((await partOf(page, inner)).record.zone, undefined, "an element that is dragged clear of its zone leaves it");
	await page.getByText("In no trust zone any more: Inventory").waitFor();
	ok((await partOf(page, zone)).placed, "and the zone stays where it was");
	await page.reload();
	await page.locator(".tools").waitFor();
	await saved(page);
	await undo(page);
	is((await partOf(page, inner)).record.zone, zone, "undo is there after a reload");
	return { zone, inner };
}

async function copies(page, { zone, inner }) {
	await node(page, inner).focus();
	await page.keyboard.press("Space");
	await act(page, () => page.keyboard.press("3"));
	const store = (await picked(page))[0];
	await page.keyboard.press("Escape");
	await node(page, inner).focus();
	await page.keyboard.press("Space");
	await page.keyboard.press("c");
	await node(page, store).focus();
	await act(page, () => page.keyboard.press("Enter"));
	await act(page, async () => {
		await inspected(page, "title").fill("Stock levels");
		await inspected(page, "title").press("Enter");
	});
	await zoneRect(page, zone).focus();
	await page.keyboard.press("Space");
	await page.keyboard.press("Control+c");
	const reply = await act(page, () => page.keyboard.press("Control+v"));
	const made = Object.values((await reply.json()).made), state = await stateOf(page);
	const parts = made.map((ref) => state.parts.find((p) => p.record.ref === ref));
	is(parts.map((p) => p.kind).sort().join(), "element,element,flow,zone", "a copied zone brings what it holds and the flows among it");
	const [z] = parts.filter((p) => p.kind === "zone"), flow = parts.find((p) => p.kind === "flow");
	ok(parts.filter((p) => p.kind === "element").every((p) => p.record.zone === z.record.ref), "its elements lie in the copy");
	ok(made.includes(flow.record.from) && made.includes(flow.record.to), "its flows connect the copies");
	is(flow.record.title, "Stock levels (copy)", "and a copy says that it is one");
	const other = await partOf(page, zone);
	ok(z.box[0] >= other.box[0] + other.box[2] || z.box[1] >= other.box[1] + other.box[3], "the copy stands beside the original");
	await undo(page);
	ok((await stateOf(page)).parts.filter((p) => made.includes(p.record.ref)).every((p) => p.record.state === "retired"),
		"one undo takes the copy back");
	await node(page, inner).click();
	const again = await act(page, () => page.getByRole("button", { name: "Duplicate" }).click());
	is(Object.keys((await again.json()).made).length, 1, "a button duplicates an element");
	await undo(page);
	await node(page, inner).click();
	await node(page, store).click({ modifiers: ["Shift"] });
	await act(page, () => page.getByRole("button", { name: "Trust zone", exact: true }).click());
	const around = (await picked(page))[0];
	is((await partOf(page, inner)).record.zone, around, "a zone is put around what is selected");
	is((await partOf(page, around)).record.parent, zone, "within the one that they share");
	await undo(page);
	is((await partOf(page, inner)).record.zone, zone, "and undo takes it away");
}

async function facts(page, { inner }) {
	await page.locator("#canvas").focus();
	await page.keyboard.press("Escape");
	await node(page, inner).click();
	await page.getByLabel("Say more about it").selectOption("audited");
	is((await partOf(page, inner)).record.property, undefined, "nothing is stated before a word is chosen");
	await act(page, () => page.getByLabel("audited", { exact: true }).selectOption("yes"));
	is(JSON.stringify((await partOf(page, inner)).record.property), '[{"name":"audited","value":"yes"}]', "then it is");
	await node(page, "C03").click();
	const asked = page.locator(".inspector .under button").first();
	const [name] = (await asked.textContent()).split(" of ");
	await asked.click();
	is(await page.evaluate(() => document.activeElement.closest(".field").querySelector("label").textContent), name,
		"a question leads to where its fact is stated");
}

/* ---- what can go wrong ---- */

/* The server cannot be reached, the browser dies: what was done is there when it is back. */
async function killed(browser, url, state) {
	const { context, page } = await open(browser, url, state);
	await page.route("**/model/acts", (r) => r.abort());
	await node(page, "C08").click();
	await inspected(page, "technology").fill("OpenID provider");
	await inspected(page, "technology").press("Tab");
	await page.getByText("wait for the server").waitFor();
	await inspected(page, "title").pressSequentially(" 2");
	ok((await partOf(page, "C08")).record.technology !== "OpenID provider", "nothing is saved without the server");
	const kept = await context.storageState();
	await page.close({ runBeforeUnload: false });

	const again = await browser.newContext({ baseURL: url, storageState: kept });
	const other = await again.newPage();
	await begin(other);
	await other.waitForFunction(async () => {
		const s = await (await fetch("/model/edit.json")).json();
		return s.parts.find((p) => p.record.ref === "C08").record.title.endsWith(" 2");
	});
	is((await partOf(other, "C08")).record.technology, "OpenID provider", "a killed browser loses no change");
	ok(true, "nor what was typed and not yet left");
	await again.close();
	await context.close();
}

async function conflict(browser, url, state) {
	const one = await open(browser, url, state);
	const two = await open(browser, url, await signIn(browser, url, "mei"));
	await node(one.page, "C09").click();
	await node(two.page, "C09").click();
	await inspected(one.page, "technology").fill("RabbitMQ");
	await inspected(one.page, "technology").press("Tab");
	await saved(one.page);
	await inspected(two.page, "technology").fill("Kafka");
	await inspected(two.page, "technology").press("Tab");
	await two.page.getByText("was changed meanwhile").waitFor();
	is((await partOf(two.page, "C09")).record.technology, "RabbitMQ", "the second of two people does not overwrite the first");
	is(await inspected(two.page, "technology").inputValue(), "RabbitMQ", "and sees what is there");
	await two.page.getByRole("button", { name: "Apply mine all the same" }).click();
	await saved(two.page);
	await two.page.waitForFunction(() => document.querySelector('.inspector [name="technology"]').value === "Kafka");
	is((await partOf(two.page, "C09")).record.technology, "Kafka", "and may still insist");
	await one.context.close();
	await two.context.close();
}

async function readOnly(browser, url) {
	const context = await browser.newContext({ baseURL: url, storageState: await signIn(browser, url, "auditor") });
	const page = await context.newPage();
	await page.goto("/model/edit");
	await page.getByText("You may look, not change").waitFor();
	await page.locator("#canvas [data-ref]").first().waitFor();
	ok(await page.locator(".tools").isHidden(), "who may not change the model has no tools");
	const reply = await page.request.post("/model/acts", { form: { acts: "[]" } });
	is(reply.status(), 403, "and is refused by the server");
	await context.close();
}

export async function drawing(browser, url, state) {
	const { context, page, heard } = await open(browser, url, state);
	await removing(page, await byPointer(page));
	await byKeys(page);
	const drawn = await zones(page);
	await copies(page, drawn);
	await facts(page, drawn);
	none(heard.take(), "drawing makes no console error");
	await context.close();
	await killed(browser, url, state);
	await conflict(browser, url, state);
	await readOnly(browser, url);
}
