/*
 * The diagram editor.  The server draws and decides; this says what the person did, keeps it safe
 * until the server has it, and shows what came of it.
 *
 *	state          what the server said last: picture, records with their revisions, findings
 *	queue          changes that it has not acknowledged; they are in localStorage before they are
 *	               sent, so that a killed browser loses nothing
 *	past, future   what undo and redo would send
 */
(() => {
	"use strict";
	const root = document.getElementById("diagram");
	const canvas = document.getElementById("canvas");
	const inspector = root.querySelector(".inspector");
	const { diagramBeside } = globalThis; /* diagram_beside.js */
	const statusLine = document.getElementById("diagram-state");
	const told = root.querySelector(".told");
	const mayEdit = root.hasAttribute("data-edit");
	const PREFIX = `ward-diagram:${root.dataset.person}:`;
	const TYPES = ["process", "actor", "store", "device", "zone"];
	const NODE = [176, 62], ZONE = [320, 200], LEAST = [120, 80]; /* sizes in the picture */
	const APART = 24, HISTORY = 50;
	const PAST = `ward-past:${root.dataset.person}`, CLIP = "ward-clip";
	const retry = [1, 2, 5, 10, 30]; /* seconds */

	let state = { parts: [], findings: [], made: {} };
	let parts = new Map();
	let fixed = { kinds: {}, copied: {}, vocabulary: {} }; /* what every state has in common */
	let selected = new Set();
	let queue = [];
	let draft = null; /* typed and not yet left: { ref, name, value } */
	let past = [], future = [];
	let sending = false, failures = 0, timer = 0;
	let connecting = null; /* the element a new flow comes from */
	let drag = null;
	let zoom = 0; /* 0: as wide as the canvas, at the next drawing */
	let pasted = 0;

	const all = (selector, from = root) => [...from.querySelectorAll(selector)];

	function make(tag, attributes = {}, ...children) {
		const e = document.createElement(tag);
		for (const [k, v] of Object.entries(attributes))
			if (v === true)
				e.setAttribute(k, "");
			else if (v !== false && v !== undefined)
				e.setAttribute(k, v);
		e.append(...children);
		return e;
	}

	/* ---- what is not sent yet ---- */

	const storeKey = PREFIX + crypto.randomUUID();

	function persist() {
		if (queue.length || draft)
			localStorage.setItem(storeKey, JSON.stringify({ queue, draft }));
		else
			localStorage.removeItem(storeKey);
	}

	/* Undo outlives a reload, in the tab that did it. */
	function remember() {
		sessionStorage.setItem(PAST, JSON.stringify({ past: past.slice(-HISTORY), future: future.slice(-HISTORY) }));
	}

	function recall() {
		({ past, future } = JSON.parse(sessionStorage.getItem(PAST) || '{"past":[],"future":[]}'));
	}

	/* A tab holds a lock with the name of its key as long as it lives: what has none is left over. */
	async function adopt() {
		navigator.locks.request(storeKey, () => new Promise(() => {}));
		for (const key of Object.keys(localStorage).filter((k) => k.startsWith(PREFIX))) {
			await navigator.locks.request(key, { ifAvailable: true }, (lock) => {
				const left = lock && JSON.parse(localStorage.getItem(key) || "null");
				if (!left)
					return;
				queue.push(...left.queue);
				if (left.draft)
					queue.push({ acts: [setAct(left.draft)], undo: [] });
				persist();
				localStorage.removeItem(key);
			});
		}
	}

	/* ---- talking to the server ---- */

	const revOf = (ref) => parts.get(ref)?.rev;

	function setAct({ ref, name, value, rev }) {
		return { act: "set", ref, rev: rev ?? revOf(ref), fields: { [name]: value } };
	}

	/* The acts as they go out: those of the history take the revision that is there now. */
	const withRevs = (acts) => acts.map((a) => (a.ref && !a.rev ? { ...a, rev: revOf(a.ref) } : a));

	/* `history` says what the change does to undo and redo: "new", "undo" or "redo". */
	function act(acts, undo, history = "new", select = null) {
		queue.push({ acts: withRevs(acts), undo, history, select });
		persist();
		send();
	}

	function showState() {
		if (!mayEdit)
			return;
		statusLine.textContent = queue.length === 0 ? "All changes are saved"
			: failures ? `${queue.length} changes wait for the server; they are kept in this browser`
			: "Saving …";
		for (const [name, list] of [["undo", past], ["redo", future]])
			root.querySelector(`[data-do="${name}"]`).disabled = list.length === 0;
		for (const name of ["remove", "copy", "duplicate"])
			root.querySelector(`[data-do="${name}"]`).disabled = selected.size === 0;
		root.querySelector('[data-do="paste"]').disabled = localStorage.getItem(CLIP) === null;
	}

	function tell(text, ...buttons) {
		told.hidden = !text;
		told.replaceChildren(make("p", {}, text || ""), ...buttons);
	}

	function button(label, then) {
		const b = make("button", { class: "btn soft", type: "button" }, label);
		b.addEventListener("click", () => {
			tell("");
			then();
		});
		return b;
	}

	async function post(one) {
		const reason = root.querySelector('[name="reason"]').value;
		const reply = await fetch("/model/acts", {
			method: "POST",
			body: new URLSearchParams({
				csrf: root.dataset.csrf, reason, acts: JSON.stringify(one.acts) }),
		});
		if (reply.status >= 500)
			throw new Error("the server cannot save now");
		if (reply.redirected || !(reply.headers.get("Content-Type") || "").includes("json"))
			return { over: true };
		return { status: reply.status, said: await reply.json() };
	}

	async function send() {
		if (sending)
			return;
		sending = true;
		clearTimeout(timer);
		showState();
		try {
			while (queue.length) {
				const one = queue[0];
				const { over, status, said } = await post(one);
				failures = 0;
				if (over) {
					tell("Your session has ended: what is not saved yet is kept in this browser.",
						make("a", { class: "btn soft", href: "/login?to=/model/edit" }, "Sign in again"));
					break;
				}
				queue.shift();
				persist();
				if (status === 200)
					done(one, said);
				else
					await refused(one, status, said);
			}
		} catch {
			timer = setTimeout(send, retry[Math.min(failures++, retry.length - 1)] * 1000);
		}
		sending = false;
		showState();
	}

	/* Later changes of a record that we just changed ourselves build on what came of it. */
	function rebase(acts) {
		for (const a of acts) {
			if (!a.ref)
				continue;
			for (const later of queue)
				for (const b of later.acts)
					if (b.ref === a.ref && b.rev === a.rev)
						b.rev = revOf(a.ref);
		}
		persist();
	}

	/* "new:1" becomes the reference that it got, wherever an act names it. */
	function rename(made) {
		const name = (v) => (typeof v === "string" && made[v]) || v;
		return ({ ref, fields, places, ...a }) => ({ ...a, ...(ref && { ref: name(ref) }),
			...(fields && { fields: Object.fromEntries(Object.entries(fields).map(([k, v]) => [k, name(v)])) }),
			...(places && { places: places.map(([r, ...at]) => [name(r), ...at]) }) });
	}

	function done(one, said) {
		const named = rename(said.made);
		const undo = one.undo.map(named);
		take(said);
		rebase(one.acts);
		const again = one.acts.map((a) => a.act === "add" ? { act: "restore", ref: said.made[a.as] }
			: named({ ...a, rev: undefined }));
		if (undo.length && one.history === "new") {
			past.push({ acts: again, undo });
			future = [];
		} else if (undo.length) {
			(one.history === "undo" ? future : past).push({ acts: again, undo });
		}
		remember();
		if (one.select)
			selected = new Set(one.select.map((r) => said.made[r] || r));
		draw();
		if (!one.select)
			return;
		nodeOf(one.select.map((r) => said.made[r] || r)[0])?.scrollIntoView({ block: "nearest", inline: "nearest" });
		const title = one.select.length === 1 && inspector.querySelector('[name="title"]');
		title ? (title.focus({ preventScroll: true }), title.select()) : canvas.focus({ preventScroll: true });
	}

	async function refused(one, status, said) {
		const why = said.issues.length ? said.issues.map((i) => i.text) : [said.error];
		await load();
		if (status !== 409) {
			tell(`Not saved: ${why.join("; ")}`);
			return;
		}
		tell(`Not saved: ${why.join("; ")}. The diagram shows what is there now.`,
			button("Apply mine all the same", () =>
				act(one.acts.map((a) => ({ ...a, rev: undefined })), one.undo, one.history, one.select)),
			button("Leave it", () => {}));
	}

	function take(said) {
		state = said;
		parts = new Map(said.parts.map((p) => [p.record.ref, p]));
		if (said.kinds)
			fixed = said;
		selected = new Set([...selected].filter((r) => alive(r)));
	}

	async function load() {
		const reply = await fetch("/model/edit.json", { headers: { Accept: "application/json" } }).catch(() => null);
		if (!reply || !reply.ok || reply.redirected) {
			tell("The diagram cannot be loaded now.", button("Try again", load));
			return;
		}
		take(await reply.json());
		draw();
	}

	/* What others did meanwhile is there when somebody comes back to the page. */
	function lookAgain() {
		if (queue.length === 0 && !sending && !draft && !drag && !document.hidden)
			load();
	}

	/* ---- the picture ---- */

	const alive = (ref) => parts.has(ref) && parts.get(ref).record.state !== "retired";
	const titleOf = (ref) => parts.get(ref)?.record.title || ref;
	const nodeOf = (ref) => canvas.querySelector(`[data-ref="${CSS.escape(ref)}"]`);
	const elements = () => [...parts.values()].filter((p) => p.kind === "element" && p.box);
	const zones = () => [...parts.values()].filter((p) => p.kind === "zone" && p.box?.[2]);
	const byHand = () => [...parts.values()].some((p) => p.placed);
	const outerOf = (part) => (part.kind === "zone" ? part.record.parent : part.record.zone);
	const members = (zone) => [...parts.values()].filter((p) => outerOf(p) === zone && p.record.state !== "retired");
	const flowsOf = (ref) => [...parts.values()].filter((p) => p.kind === "flow" &&
		p.record.state !== "retired" && (p.record.from === ref || p.record.to === ref));

	function nameParts() {
		for (const a of all("a[href]", canvas))
			a.dataset.ref = decodeURIComponent(a.getAttribute("href").slice(1));
		for (const z of all("[data-zone]", canvas)) {
			z.dataset.ref = z.dataset.zone;
			z.setAttribute("tabindex", "0");
			z.setAttribute("role", "button");
			z.setAttribute("aria-label", `Trust zone ${titleOf(z.dataset.zone)}`);
			for (let words = z.nextElementSibling; words?.tagName === "text"; words = words.nextElementSibling)
				words.dataset.of = z.dataset.zone;
		}
	}

	function draw() {
		const focus = canvas.contains(document.activeElement) && (document.activeElement.dataset.ref || "none");
		const before = canvas.querySelector("svg")?.viewBox.baseVal, from = before && [before.x, before.y];
		canvas.innerHTML = state.svg;
		if (parts.size === 0 || ![...parts.keys()].some(alive))
			canvas.append(make("p", { class: "empty" }, mayEdit
				? "Nothing is drawn yet. Drag a part here from the row above, or press its button; then connect parts."
				: "Nothing is drawn yet."));
		nameParts();
		scale();
		mark();
		/* The picture begins where its content does: what was in sight stays where it was. */
		const now = canvas.querySelector("svg")?.viewBox.baseVal;
		if (from && now)
			canvas.scrollBy((from[0] - now.x) * factor(), (from[1] - now.y) * factor());
		if (focus)
			(nodeOf(focus) || canvas).focus({ preventScroll: true });
		inspect();
		showState();
	}

	/* Pixels of the screen for one of the picture. */
	function factor() {
		const svg = canvas.querySelector("svg");
		return svg && svg.clientWidth ? svg.clientWidth / svg.viewBox.baseVal.width : 1;
	}

	function scale() {
		const svg = canvas.querySelector("svg");
		if (!svg)
			return;
		const width = svg.viewBox.baseVal.width;
		/* Chosen once: a picture that grows must not shrink under the hand that draws. */
		if (zoom === 0)
			zoom = Math.max(0.55, Math.min(1, (canvas.clientWidth - 16) / width));
		svg.style.width = `${Math.round(width * zoom)}px`;
	}

	/* By a factor, or back to all of it. */
	function zoomBy(by) {
		zoom = by ? Math.min(3, Math.max(0.2, factor() * by)) : 0;
		scale();
	}

	function mark() {
		for (const e of all("[data-ref]", canvas)) {
			e.classList.toggle("picked", selected.has(e.dataset.ref));
			e.classList.toggle("source", connecting === e.dataset.ref);
			if (e.tagName !== "a" || selected.has(e.dataset.ref))
				e.setAttribute("aria-current", selected.has(e.dataset.ref));
			else
				e.removeAttribute("aria-current");
		}
		const connect = root.querySelector('[data-do="flow"]');
		if (connect)
			connect.setAttribute("aria-pressed", connecting !== null);
		showGrips();
	}

	const drawn = (tag, attributes) => {
		const e = document.createElementNS("http://www.w3.org/2000/svg", tag);
		Object.entries(attributes).forEach(([k, v]) => e.setAttribute(k, v));
		return e;
	};

	/* For the pointer only, so hidden from others: corners of a zone, and where a flow is drawn from. */
	function showGrips() {
		const part = parts.get(only()), svg = canvas.querySelector("svg");
		all(".grips", canvas).forEach((g) => g.remove());
		if (!mayEdit || !svg || !part?.box?.[2] || part.kind === "flow")
			return;
		const [x, y, w, h] = part.box, g = drawn("g", { class: "grips", "aria-hidden": "true" });
		if (part.kind === "zone")
			for (const [sx, sy] of [[0, 0], [1, 0], [0, 1], [1, 1]])
				g.append(drawn("rect", { class: sx === sy ? "grip nwse" : "grip nesw", "data-grip": `${sx}${sy}`,
					x: x + sx * w - 6, y: y + sy * h - 6, width: 12, height: 12, rx: 3 }));
		else
			g.append(drawn("circle", { class: "grip to", "data-grip": "flow", cx: x + w / 2, cy: y + h + 12, r: 10 }),
				drawn("path", { class: "tip", d: `M${x + w / 2} ${y + h + 7}v9m-3.5-3.5l3.5 3.5l3.5-3.5` }));
		svg.append(g);
	}

	function select(ref, more) {
		if (!more)
			selected.clear();
		if (more && selected.has(ref))
			selected.delete(ref);
		else if (ref)
			selected.add(ref);
		mark();
		inspect();
		showState();
	}

	/* ---- changes ---- */

	const only = () => (selected.size === 1 ? [...selected][0] : null);

	const overlap = (a, b, apart = 0) => a[0] < b[0] + b[2] + apart && b[0] < a[0] + a[2] + apart &&
		a[1] < b[1] + b[3] + apart && b[1] < a[1] + a[3] + apart;

	/* Whether a part, or a zone itself, lies in a zone, however deep. */
	function insideZone(zone, ref) {
		for (let p = parts.get(ref), n = 0; p && n < 40; p = parts.get(outerOf(p)), n++)
			if (outerOf(p) === zone)
				return true;
		return false;
	}

	/* The innermost zone at a point, but for those of `without` and what lies in them. */
	function zoneAt(x, y, without = []) {
		const hit = zones().filter(({ record: { ref }, box: [l, t, w, h] }) => x > l && x < l + w && y > t && y < t + h &&
			!without.some((z) => z === ref || insideZone(z, ref)));
		hit.sort((a, b) => a.box[2] * a.box[3] - b.box[2] * b.box[3]);
		return hit[0]?.record.ref ?? null;
	}

	/* A free place in a diagram that was arranged by hand: beside what is selected, in the zone, or in
	   sight.  Null where the server arranges and finds one. */
	function room([w, h], zone) {
		const near = parts.get(only()), svg = canvas.querySelector("svg");
		if (!svg || !byHand())
			return null;
		const inside = zone && parts.get(zone).box, view = svg.viewBox.baseVal;
		const at = near?.kind === "element" ? [near.box[0] + near.box[2] + 96, near.box[1]]
			: inside?.[2] ? [inside[0] + 16, inside[1] + 46]
			: [view.x + canvas.scrollLeft / factor() + 40, view.y + canvas.scrollTop / factor() + 40];
		const box = [...at, w, h];
		const taken = [...elements(), ...zones().filter((z) => z.record.ref !== zone && !insideZone(z.record.ref, zone))];
		for (let other; (other = taken.find((p) => overlap(box, p.box, APART)));)
			box[1] = other.box[1] + other.box[3] + APART;
		return box;
	}

	const cut = (kind, box) => box.slice(0, kind === "zone" ? 4 : 2).map(Math.round);

	/* The act that gives these parts their boxes, and the one that undoes it.  The first place that a
	   person gives fixes all elements, so that nothing else jumps. */
	function placing(changes) {
		const hand = byHand(), now = [], undo = [];
		for (const [ref, { kind, box, placed }] of parts) {
			const to = changes.get(ref) || (!hand && kind === "element" && box);
			changes.delete(ref);
			if (!to)
				continue;
			now.push([ref, ...cut(kind, to)]);
			undo.push([ref, ...(placed ? cut(kind, placed) : [null, null])]);
		}
		for (const [ref, box] of changes)
			now.push([ref, ...box.map(Math.round)]);
		return { now: { act: "place", places: now }, undo: { act: "place", places: undo } };
	}

	const NEW = { process: "New process", actor: "New external", store: "New data store", device: "New device",
		zone: "New trust zone" };

	/* Something new: at a point of the picture, or where there is room. */
	function add(type, at = null) {
		const isZone = type === "zone", size = isZone ? ZONE : NODE, near = parts.get(only());
		const within = [...selected].filter((r) => parts.get(r).kind === "element");
		if (isZone && !at && within.length > 1) {
			surround(within);
			return;
		}
		const zone = (at ? zoneAt(at.x, at.y) : near?.kind === "zone" ? near.record.ref : near?.record.zone) ?? null;
		const box = at ? [at.x - size[0] / 2, at.y - size[1] / 2, ...size] : room(size, zone);
		addPart(isZone ? "zone" : "element", { title: NEW[type], ...(isZone ? { exposure: 3 } : { type }),
			...(zone && { [isZone ? "parent" : "zone"]: zone }) }, box);
	}

	function addPart(kind, fields, box = null, then = [], back = []) {
		const place = box && placing(new Map([["new:1", kind === "zone" ? box : box.slice(0, 2)]]));
		act([{ act: "add", as: "new:1", uid: crypto.randomUUID(), kind, fields }, ...then, ...(place ? [place.now] : [])],
			[...back, ...(place?.undo.places.length ? [place.undo] : []), { act: "retire", ref: "new:1" }], "new", ["new:1"]);
	}

	/* A new zone around elements, within the zone that they share. */
	function surround(refs) {
		const shared = parts.get(refs[0]).record.zone;
		const parent = refs.every((r) => parts.get(r).record.zone === shared) ? shared : null;
		addPart("zone", { title: NEW.zone, exposure: 3, ...(parent && { parent }) }, null,
			refs.map((ref) => ({ act: "set", ref, rev: revOf(ref), fields: { zone: "new:1" } })),
			refs.map((ref) => ({ act: "set", ref, fields: { zone: parts.get(ref).record.zone ?? null } })));
	}

	function connect(to, from = connecting) {
		if (to === from) {
			tell(`A flow goes from one part to another: choose where the one from ${titleOf(from)} goes, or press Escape.`);
			return;
		}
		connecting = null;
		tell("");
		mark();
		addPart("flow", { title: `${titleOf(from)} to ${titleOf(to)}`, from, to });
	}

	function startConnecting() {
		const ref = only();
		if (connecting || parts.get(ref)?.kind !== "element") {
			connecting = null;
			tell(ref ? "" : "Select the element that the flow comes from, then connect it.");
		} else {
			connecting = ref;
			tell(`A flow from ${titleOf(ref)}: choose where it goes.`);
		}
		mark();
	}

	/* Flows go before their ends, elements before their zone; undo brings them back the other way. */
	function remove() {
		const order = ["flow", "element", "zone"];
		const going = new Set([...selected].flatMap((ref) => [...movers(ref), ref]));
		for (const ref of [...going])
			flowsOf(ref).forEach((f) => going.add(f.record.ref));
		const refs = [...going].sort((a, b) =>
			order.indexOf(parts.get(a).kind) - order.indexOf(parts.get(b).kind) || insideZone(a, b) - insideZone(b, a));
		if (refs.length)
			act(refs.map((ref) => ({ act: "retire", ref })),
				[...refs].reverse().map((ref) => ({ act: "restore", ref })));
	}

	function set(ref, fields) {
		const record = parts.get(ref).record;
		const before = {};
		for (const name of Object.keys(fields))
			before[name] = record[name] ?? null;
		if (JSON.stringify(before) !== JSON.stringify(fields))
			act([{ act: "set", ref, fields }], [{ act: "set", ref, fields: before }]);
	}

	/* The boxes of parts that go by so much: a zone of its own place, or an empty one, goes itself. */
	function shifted(refs, dx, dy) {
		const to = new Map();
		for (const ref of refs) {
			const { kind, box, placed } = parts.get(ref);
			const from = kind === "element" ? box : placed || (members(ref).length === 0 && box);
			if (from)
				to.set(ref, [from[0] + dx, from[1] + dy, from[2], from[3]]);
		}
		return to;
	}

	/* Places, and the zones that parts come to lie in: [reference, zone or null]. */
	function move(to, homes = []) {
		for (const old of new Set(homes.map(([ref]) => outerOf(parts.get(ref)))))
			if (old && !parts.get(old).placed && members(old).every((m) => homes.some(([r]) => r === m.record.ref)))
				to.set(old, parts.get(old).box); /* it stays where it was when it is emptied */
		const field = (ref) => (parts.get(ref).kind === "zone" ? "parent" : "zone");
		const place = placing(to);
		if (place.now.places.length)
			act([place.now, ...homes.map(([ref, zone]) => ({ act: "set", ref, fields: { [field(ref)]: zone } }))],
				[...homes.map(([ref]) => ({ act: "set", ref, fields: { [field(ref)]: outerOf(parts.get(ref)) ?? null } })),
					place.undo]);
	}

	function arrange() {
		const placed = [...parts.values()].filter((p) => p.placed);
		if (placed.length)
			act([{ act: "place", places: placed.map((p) => [p.record.ref, null, null]) }],
				[{ act: "place", places: placed.map((p) => [p.record.ref, ...cut(p.kind, p.placed)]) }]);
	}

	/* ---- copies ---- */

	/* What is selected, what lies in selected zones, and the flows among them, outer zones first. */
	function copied() {
		const refs = new Set([...selected].flatMap((ref) => [...movers(ref), ...(parts.get(ref).kind === "zone" ? [ref] : [])]));
		const among = [...parts.values()].filter((p) => p.kind === "flow" && alive(p.record.ref) &&
			refs.has(p.record.from) && refs.has(p.record.to));
		const order = ["zone", "element", "flow"];
		const list = [...[...refs].map((ref) => parts.get(ref)), ...among].sort((a, b) =>
			order.indexOf(a.kind) - order.indexOf(b.kind) || insideZone(b.record.ref, a.record.ref) - insideZone(a.record.ref, b.record.ref));
		return list.map(({ kind, record, box, placed }) => ({ kind, ref: record.ref, box, placed,
			fields: Object.fromEntries(fixed.copied[kind].filter((f) => f in record).map((f) => [f, record[f]])) }));
	}

	function copy() {
		const list = copied();
		pasted = 0;
		if (list.length)
			localStorage.setItem(CLIP, JSON.stringify(list));
		else
			tell("A flow alone cannot be copied: select the elements that it connects.");
		showState();
	}

	/* How far copies stand from what they were made of: a little, but zones beside all that is there. */
	function away(list) {
		const boxes = list.filter((p) => p.box).map((p) => p.box), by = 40 * (pasted += 1);
		if (!list.some((p) => p.kind === "zone") || boxes.length === 0)
			return [by, by];
		const [l, t, r, b] = [0, 1].map((i) => Math.min(...boxes.map((x) => x[i])))
			.concat([0, 1].map((i) => Math.max(...boxes.map((x) => x[i] + x[i + 2]))));
		const zone = parts.get(list[0].ref), outer = zone && outerOf(zone);
		const taken = [...elements(), ...zones()].filter((p) => p.record.ref !== outer && !insideZone(p.record.ref, outer));
		let dx = r - l + APART;
		while (taken.some((p) => overlap([l + dx, t, r - l, b - t], p.box, APART - 1)))
			dx += APART;
		return [dx, 0];
	}

	function paste(list = JSON.parse(localStorage.getItem(CLIP) || "[]"), duplicating = false) {
		const into = !duplicating && parts.get(only())?.kind === "zone" && !list.some((p) => p.ref === only()) ? only() : null;
		const names = new Map(list.map((p, i) => [p.ref, `new:${i + 1}`])), by = away(list);
		const known = (ref) => names.get(ref) || (alive(ref) ? ref : null);
		const titles = new Set([...parts.values()].filter((p) => alive(p.record.ref)).map((p) => p.record.title));
		const places = new Map();
		const acts = list.map(({ kind, ref, fields, box, placed }) => {
			const given = { ...fields, title: titles.has(fields.title) ? `${fields.title} (copy)` : fields.title };
			for (const f of fixed.kinds[kind].filter((k) => k.type === "ref" && k.name in given))
				given[f.name] = known(given[f.name]) ?? null;
			const outer = kind === "zone" ? "parent" : "zone";
			if (into && kind !== "flow" && !names.has(fields[outer]))
				given[outer] = into;
			if (byHand() && box && (kind === "element" || placed || !list.some((p) => p.fields.zone === ref || p.fields.parent === ref)))
				places.set(names.get(ref), cut(kind, (placed?.[2] ? placed : box).map((n, i) => n + (by[i] ?? 0))));
			return { act: "add", as: names.get(ref), uid: crypto.randomUUID(), kind, fields: given };
		});
		if (acts.length === 0)
			return;
		if (places.size)
			acts.push(placing(places).now);
		act(acts, [...names.values()].reverse().map((ref) => ({ act: "retire", ref })), "new",
			list.filter((p) => p.kind !== "flow").map((p) => names.get(p.ref)));
	}

	function duplicate() {
		pasted = 0;
		paste(copied(), true);
	}

	/* A field that somebody else changed since is not taken back over their head. */
	function stands(entry) {
		return entry.acts.every((a) => a.act !== "set" || Object.entries(a.fields).every(
			([k, v]) => JSON.stringify(parts.get(a.ref)?.record[k] ?? null) === JSON.stringify(v)));
	}

	function step(from, history) {
		const entry = from.pop();
		if (!entry)
			return;
		if (!stands(entry)) {
			tell("Not undone: somebody changed it since.");
			showState();
			return;
		}
		act(entry.undo, entry.acts, history);
		remember();
	}

	/* ---- the pointer ---- */

	function point(e) {
		const svg = canvas.querySelector("svg");
		return new DOMPoint(e.clientX, e.clientY).matrixTransform(svg.getScreenCTM().inverse());
	}

	/* What moves when `ref` is taken: the selection, or all that lies in a zone. */
	function movers(ref) {
		const from = selected.has(ref) ? [...selected] : [ref];
		const moving = new Set();
		for (const r of from) {
			if (parts.get(r)?.kind === "zone")
				[...elements(), ...parts.values()].filter((p) => p.kind !== "flow" && alive(p.record.ref) &&
					insideZone(r, p.record.ref)).forEach((p) => moving.add(p.record.ref));
			if (["zone", "element"].includes(parts.get(r)?.kind))
				moving.add(r);
		}
		return moving;
	}

	/* The zone that a part lies in when its box is there now; undefined when that is none of its business:
	   it moves with its zone, or still touches it. */
	function homeOf(ref, box, moving) {
		const now = outerOf(parts.get(ref)) ?? null;
		if (moving.has(now))
			return undefined;
		const there = zoneAt(box[0] + box[2] / 2, box[1] + box[3] / 2, [...moving].filter((r) => parts.get(r).kind === "zone"));
		const outward = now && (there === null || insideZone(there, now));
		return there === now || (outward && overlap(box, parts.get(now).box)) ? undefined : there;
	}

	function begin(e) {
		const ref = e.target.closest("[data-ref]")?.dataset.ref;
		const grip = e.target.closest("[data-grip]")?.dataset.grip;
		if (e.button !== 0 || !canvas.querySelector("svg"))
			return;
		if (grip) {
			drag = { grip, ref: only(), from: point(e), moving: new Set(), began: false };
			canvas.setPointerCapture(e.pointerId);
			e.preventDefault();
			return;
		}
		if (connecting && parts.get(ref)?.kind === "element") {
			connect(ref);
			e.preventDefault();
			return;
		}
		drag = { ref, from: point(e), more: e.shiftKey, moving: mayEdit && ref ? movers(ref) : new Set(),
			began: false };
		canvas.setPointerCapture(e.pointerId);
	}

	function during(e) {
		if (!drag)
			return;
		const at = point(e);
		drag.dx = at.x - drag.from.x;
		drag.dy = at.y - drag.from.y;
		if (!drag.began && Math.hypot(drag.dx, drag.dy) < 5)
			return;
		drag.began = true;
		if (drag.grip) {
			pull(at);
			return;
		}
		if (drag.more || !drag.ref) {
			frameTo(at);
			return;
		}
		for (const ref of drag.moving) {
			for (const e of all(`[data-ref="${CSS.escape(ref)}"], [data-of="${CSS.escape(ref)}"]`, canvas))
				e.setAttribute("transform", `translate(${drag.dx} ${drag.dy})`);
			flowsOf(ref).forEach((f) => nodeOf(f.record.ref)?.classList.add("waits"));
		}
	}

	/* A corner of a zone goes with the pointer, or the line of a flow that is being drawn. */
	function pull(at) {
		const [x, y, w, h] = parts.get(drag.ref).box, svg = canvas.querySelector("svg");
		if (drag.grip === "flow") {
			svg.querySelector(".drawing")?.remove();
			svg.append(drawn("path", { class: "drawing", d: `M${x + w / 2} ${y + h}L${at.x} ${at.y}` }));
			return;
		}
		const [sx, sy] = [...drag.grip].map(Number);
		const width = Math.max(LEAST[0], sx ? w + drag.dx : w - drag.dx), height = Math.max(LEAST[1], sy ? h + drag.dy : h - drag.dy);
		drag.sized = [sx ? x : x + w - width, sy ? y : y + h - height, width, height];
		["x", "y", "width", "height"].forEach((k, i) => nodeOf(drag.ref).setAttribute(k, drag.sized[i]));
	}

	function letGoOf(d, e) {
		canvas.querySelector(".drawing")?.remove();
		if (d.sized) {
			move(new Map([[d.ref, d.sized]]));
			return;
		}
		const to = document.elementFromPoint(e.clientX, e.clientY)?.closest("#canvas a[data-ref]")?.dataset.ref;
		if (!d.began)
			startConnecting();
		else if (parts.get(to)?.kind === "element" && to !== d.ref)
			connect(to, d.ref);
	}

	function frameTo(at) {
		const svg = canvas.querySelector("svg");
		let r = svg.querySelector(".marquee");
		if (!r) {
			r = document.createElementNS(svg.namespaceURI, "rect");
			r.setAttribute("class", "marquee");
			svg.append(r);
		}
		drag.box = [Math.min(at.x, drag.from.x), Math.min(at.y, drag.from.y),
			Math.abs(drag.dx), Math.abs(drag.dy)];
		["x", "y", "width", "height"].forEach((k, i) => r.setAttribute(k, drag.box[i]));
	}

	function end(e) {
		const d = drag;
		drag = null;
		if (!d)
			return;
		if (d.grip) {
			letGoOf(d, e);
		} else if (!d.began) {
			select(d.ref, d.more);
			nodeOf(d.ref || "")?.focus({ preventScroll: true });
		} else if (d.box) {
			canvas.querySelector(".marquee").remove();
			const [x, y, w, h] = d.box;
			const held = zones().filter(({ box: b }) => b[0] > x && b[1] > y && b[0] + b[2] < x + w && b[1] + b[3] < y + h);
			selected = new Set([...elements().filter((p) => overlap(p.box, [x, y, w, h])), ...held].map((p) => p.record.ref));
			select(null, true);
		} else if (d.moving.size) {
			drop(d, e);
		}
	}

	function drop(d, e) {
		const to = shifted(d.moving, d.dx, d.dy), homes = [];
		for (const ref of e.altKey ? [] : d.moving) {
			const [x, y, w, h] = parts.get(ref).box || [];
			const home = w ? homeOf(ref, [x + d.dx, y + d.dy, w, h], d.moving) : undefined;
			if (home !== undefined)
				homes.push([ref, home]);
		}
		move(to, homes);
		const out = homes.filter(([, zone]) => zone === null).map(([ref]) => titleOf(ref));
		if (out.length)
			tell(`In no trust zone any more: ${out.join(", ")}.`, button("Undo", () => step(past, "undo")));
	}

	/* A button of the row is dragged onto the canvas: what it adds lands there. */
	function palette(b) {
		let from = null, ghost = null, dragged = false;
		b.addEventListener("pointerdown", (e) => {
			from = e.button === 0 ? e : null;
			dragged = false;
			if (from)
				b.setPointerCapture(e.pointerId);
		});
		b.addEventListener("pointermove", (e) => {
			if (!from || (!ghost && Math.hypot(e.clientX - from.clientX, e.clientY - from.clientY) < 6))
				return;
			if (!ghost) {
				ghost = make("div", { class: "ghost", "aria-hidden": "true" }, b.textContent);
				document.body.append(ghost);
			}
			ghost.style.left = `${e.clientX}px`;
			ghost.style.top = `${e.clientY}px`;
		});
		const stop = (e) => {
			const area = canvas.getBoundingClientRect();
			dragged = ghost !== null;
			ghost?.remove();
			from = ghost = null;
			if (dragged && e.type === "pointerup" && e.clientX > area.left && e.clientX < area.right &&
				e.clientY > area.top && e.clientY < area.bottom)
				add(b.dataset.do, point(e));
		};
		b.addEventListener("pointerup", stop);
		b.addEventListener("pointercancel", stop);
		b.addEventListener("click", () => {
			if (!dragged)
				add(b.dataset.do);
			dragged = false;
		});
	}

	/* ---- the keyboard ---- */

	function nearest(ref, dx, dy) {
		const from = parts.get(ref)?.box;
		let best = null, least = Infinity;
		for (const p of elements()) {
			if (!from || p.record.ref === ref)
				continue;
			const x = p.box[0] + p.box[2] / 2 - from[0] - from[2] / 2;
			const y = p.box[1] + p.box[3] / 2 - from[1] - from[3] / 2;
			const along = x * dx + y * dy, across = Math.abs(x * dy) + Math.abs(y * dx);
			if (along > 0 && along + 2 * across < least) {
				least = along + 2 * across;
				best = p.record.ref;
			}
		}
		return best;
	}

	function arrow(e, ref, dx, dy) {
		const by = e.shiftKey ? 5 : 20, zone = parts.get(ref || only());
		if (e.altKey && mayEdit) {
			move(shifted(movers(ref || only()), dx * by, dy * by));
			return true;
		}
		if (e.ctrlKey && mayEdit && zone?.kind === "zone" && zone.box?.[2]) {
			const [x, y, w, h] = zone.placed || zone.box;
			move(new Map([[zone.record.ref, [x, y, Math.max(LEAST[0], w + dx * by), Math.max(LEAST[1], h + dy * by)]]]));
			return true;
		}
		const to = nearest(ref, dx, dy) || (!ref && elements()[0]?.record.ref);
		nodeOf(to || "")?.focus();
		return Boolean(to);
	}

	const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

	function choose(e, ref) {
		if (connecting && parts.get(ref)?.kind === "element")
			connect(ref);
		else
			select(ref, e.shiftKey);
		return true;
	}

	function letGo() {
		connecting = null;
		drag = null;
		tell("");
		select(null);
		return true;
	}

	function selectAll() {
		selected = new Set([...elements(), ...zones()].map((p) => p.record.ref));
		select(null, true);
	}

	function change(e) {
		const digit = "12345".indexOf(e.key);
		const control = { z: e.shiftKey ? does.redo : does.undo, y: does.redo, c: copy, v: () => paste(), d: duplicate,
			x: () => (copy(), remove()), a: selectAll };
		if (e.ctrlKey || e.metaKey)
			return e.altKey || !control[e.key.toLowerCase()] ? false : (control[e.key.toLowerCase()](), true);
		if (e.altKey)
			return false;
		if (e.key === "+" || e.key === "-" || e.key === "0")
			return zoomBy({ "+": 1.2, "-": 1 / 1.2, 0: 0 }[e.key]), true;
		if (digit >= 0)
			return add(TYPES[digit]), true;
		if (e.key === "c")
			return startConnecting(), true;
		if (e.key === "Delete" || e.key === "Backspace")
			return remove(), true;
		return false;
	}

	function press(e) {
		const ref = document.activeElement.closest("[data-ref]")?.dataset.ref;
		let taken = false;
		if (arrows[e.key])
			taken = arrow(e, ref, ...arrows[e.key]);
		else if (e.key === " " && ref)
			taken = choose(e, ref);
		else if (e.key === "Enter" && ref) {
			taken = choose(e, ref);
			inspector.querySelector("input, select, a")?.focus();
		} else if (e.key === "Escape")
			taken = letGo();
		else if (mayEdit) {
			/* With nothing selected, what has the focus is meant. */
			if (selected.size === 0 && ref && !e.ctrlKey && !e.metaKey && !e.altKey && "12345c".includes(e.key))
				select(ref);
			taken = change(e);
		}
		if (taken) {
			e.preventDefault();
			e.stopPropagation();
		}
	}

	/* ---- what stands beside the canvas ---- */

	const inspect = diagramBeside({ inspector, mayEdit, make, set, only, nodeOf, titleOf, alive, select, move,
		part: (ref) => parts.get(ref), parts: () => [...parts.values()], selected: () => [...selected],
		findings: () => state.findings, fixed: () => fixed, setAll: (refs, fields) => act(
			refs.map((ref) => ({ act: "set", ref, fields })),
			refs.map((ref) => ({ act: "set", ref, fields: Object.fromEntries(Object.keys(fields).map((k) =>
				[k, parts.get(ref).record[k] ?? null])) }))),
		draft: () => draft,
		typed(what) {
			draft = what && { ...what, rev: revOf(what.ref) };
			persist();
		},
		back: (ref) => (nodeOf(ref) || canvas).focus({ preventScroll: true }) });

	/* ---- begin ---- */

	const does = { flow: startConnecting, remove, arrange, copy, duplicate, paste: () => paste(),
		closer: () => zoomBy(1.2), farther: () => zoomBy(1 / 1.2), whole: () => zoomBy(0),
		undo: () => step(past, "undo"), redo: () => step(future, "redo") };
	for (const b of all("[data-do]"))
		if (TYPES.includes(b.dataset.do))
			palette(b);
		else
			b.addEventListener("click", () => does[b.dataset.do]());
	canvas.addEventListener("click", (e) => {
		const ref = e.target.closest("[data-ref]")?.dataset.ref;
		if (e.target.closest("a") && !e.ctrlKey && !e.metaKey)
			e.preventDefault();
		if (ref && e.detail === 0) /* without a pointer: a screen reader's */
			choose(e, ref);
	});
	canvas.addEventListener("dragstart", (e) => e.preventDefault());
	canvas.addEventListener("pointerdown", begin);
	canvas.addEventListener("pointermove", during);
	canvas.addEventListener("pointerup", end);
	canvas.addEventListener("pointercancel", () => {
		drag = null;
		draw();
	});
	canvas.addEventListener("keydown", press);
	canvas.addEventListener("wheel", (e) => {
		const svg = canvas.querySelector("svg");
		if (!e.ctrlKey || !svg)
			return;
		e.preventDefault();
		zoomBy(e.deltaY < 0 ? 1.1 : 1 / 1.1);
	}, { passive: false });
	addEventListener("resize", () => zoomBy(0));
	addEventListener("focus", lookAgain);
	addEventListener("storage", showState);
	addEventListener("beforeunload", (e) => {
		if (queue.length)
			e.preventDefault();
	});

	(async () => {
		await load();
		root.querySelector(".underneath").hidden = false;
		const named = decodeURIComponent(location.hash.slice(1));
		if (alive(named)) {
			select(named);
			nodeOf(named)?.scrollIntoView({ block: "center", inline: "center" });
		}
		if (!mayEdit)
			return;
		root.querySelector(".tools").hidden = false;
		recall();
		await adopt();
		send();
	})();
})();
