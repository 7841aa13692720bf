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
	const statusLine = document.getElementById("diagram-state");
	const told = root.querySelector(".told");
	const mayEdit = root.hasAttribute("data-edit");
	const PREFIX = `ward-diagram:${root.dataset.person}:`;
	const TYPES = ["process", "actor", "store", "device", "zone"];
	const FIRST = 5; /* fields shown at once; the others are behind "More" */
	const retry = [1, 2, 5, 10, 30]; /* seconds */

	let state = { parts: [], findings: [], made: {} };
	let parts = new Map();
	let fixed = { kinds: {}, vocabulary: {} }; /* what every state has in common */
	let selected = new Set();
	let queue = [];
	let draft = null; /* typed and not yet left: { ref, name, value } */
	let past = [], future = [];
	let sending = false, failures = 0, timer = 0;
	let connecting = null; /* the element a new flow comes from */
	let drag = null;
	let zoom = 0; /* 0: as wide as the canvas */
	let moreOpen = false;

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
		root.querySelector('[data-do="remove"]').disabled = selected.size === 0;
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
					tell("Your session is over. Sign in again: what is not saved yet is kept in this browser.");
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

	function rename(made) {
		const name = (v) => (typeof v === "string" && made[v] ? made[v] : v);
		return (a) => ({ ...a, ref: name(a.ref) });
	}

	function done(one, said) {
		const named = rename(said.made);
		const undo = one.undo.map(named);
		take(said);
		rebase(one.acts);
		const again = one.acts.map((a) =>
			a.act === "add" ? { act: "restore", ref: said.made[a.as] } : { ...a, rev: undefined });
		if (undo.length && one.history === "new") {
			past.push({ acts: again, undo });
			future = [];
		} else if (undo.length) {
			(one.history === "undo" ? future : past).push({ acts: again, undo });
		}
		if (one.select) {
			selected = new Set([said.made[one.select] || one.select]);
			draw();
			inspector.querySelector('[name="title"]')?.select();
		} else {
			draw();
		}
	}

	async function refused(one, status, said) {
		const why = [said.error, ...said.issues.map((i) => `${i.field}: ${i.text}`)].filter(Boolean);
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
		const reply = await fetch("/model/edit.json", { headers: { Accept: "application/json" } });
		if (!reply.ok || reply.redirected) {
			tell("The diagram cannot be loaded now.", button("Try again", load));
			return;
		}
		take(await reply.json());
		draw();
	}

	/* ---- the picture ---- */

	const alive = (ref) => parts.has(ref) && parts.get(ref).record.state !== "retired";
	const titleOf = (ref) => parts.get(ref)?.record.title || ref;
	const nodeOf = (ref) => canvas.querySelector(`[data-ref="${CSS.escape(ref)}"]`);
	const elements = () => [...parts.values()].filter((p) => p.kind === "element" && p.box);
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
		}
	}

	function draw() {
		const focus = canvas.contains(document.activeElement) && document.activeElement.dataset.ref;
		canvas.innerHTML = state.svg;
		nameParts();
		scale();
		mark();
		if (focus)
			nodeOf(focus)?.focus({ preventScroll: true });
		inspect();
		showState();
	}

	function scale() {
		const svg = canvas.querySelector("svg");
		if (!svg)
			return;
		const width = svg.viewBox.baseVal.width;
		const fit = Math.max(0.55, Math.min(1, canvas.clientWidth / width));
		svg.style.width = `${Math.round(width * (zoom || fit))}px`;
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

	function add(type) {
		const at = parts.get(only());
		const zone = at?.kind === "zone" ? at.record.ref : at?.record.zone;
		const names = { process: "New process", actor: "New external", store: "New data store",
			device: "New device", zone: "New trust zone" };
		const fields = { title: names[type] };
		if (type === "zone")
			Object.assign(fields, { exposure: 3 }, zone && { parent: zone });
		else
			Object.assign(fields, { type }, zone && { zone });
		addPart(type === "zone" ? "zone" : "element", fields);
	}

	function addPart(kind, fields) {
		act([{ act: "add", as: "new:1", uid: crypto.randomUUID(), kind, fields }],
			[{ act: "retire", ref: "new:1" }], "new", "new:1");
	}

	function connect(to) {
		const from = connecting;
		connecting = null;
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
		const going = new Set(selected);
		for (const ref of selected)
			flowsOf(ref).forEach((f) => going.add(f.record.ref));
		const refs = [...going].sort((a, b) =>
			order.indexOf(parts.get(a).kind) - order.indexOf(parts.get(b).kind));
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

	/* The first move places everything, so that nothing else jumps. */
	function move(refs, dx, dy, zones = []) {
		const placed = elements().some((p) => p.placed);
		const now = (p) => [p.record.ref, p.box[0], p.box[1]];
		const moved = elements().filter((p) => refs.has(p.record.ref));
		const places = (placed ? moved : elements()).map((p) => {
			const [ref, x, y] = now(p);
			return refs.has(ref) ? [ref, Math.round(x + dx), Math.round(y + dy)] : [ref, x, y];
		});
		const undo = placed ? moved.map(now) : elements().map((p) => [p.record.ref, null, null]);
		const into = zones.map(([ref, zone]) => ({ act: "set", ref, fields: { zone } }));
		const back = zones.map(([ref]) =>
			({ act: "set", ref, fields: { zone: parts.get(ref).record.zone ?? null } }));
		if (moved.length)
			act([{ act: "place", places }, ...into], [...back, { act: "place", places: undo }]);
	}

	function arrange() {
		const placed = elements().filter((p) => p.placed);
		if (placed.length)
			act([{ act: "place", places: placed.map((p) => [p.record.ref, null, null]) }],
				[{ act: "place", places: placed.map((p) => [p.record.ref, p.box[0], p.box[1]]) }]);
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
	}

	/* ---- the pointer ---- */

	function point(e) {
		const svg = canvas.querySelector("svg");
		return new DOMPoint(e.clientX, e.clientY).matrixTransform(svg.getScreenCTM().inverse());
	}

	function insideZone(zone, ref) {
		for (let z = parts.get(ref)?.record.zone, n = 0; z && n < 40; n++) {
			if (z === zone)
				return true;
			z = parts.get(z)?.record.parent;
		}
		return false;
	}

	/* What moves when `ref` is taken: the selection, or all that lies in a zone. */
	function movers(ref) {
		const from = selected.has(ref) ? [...selected] : [ref];
		const moving = new Set();
		for (const r of from)
			if (parts.get(r)?.kind === "zone")
				elements().filter((p) => insideZone(r, p.record.ref)).forEach((p) => moving.add(p.record.ref));
			else if (parts.get(r)?.kind === "element")
				moving.add(r);
		return moving;
	}

	/* The innermost zone at a point that an element does not lie in already. */
	function zoneAt(x, y, ref) {
		const hit = [...parts.values()].filter((p) => p.kind === "zone" && p.box && p.box[2] &&
			x > p.box[0] && x < p.box[0] + p.box[2] && y > p.box[1] && y < p.box[1] + p.box[3]);
		hit.sort((a, b) => a.box[2] * a.box[3] - b.box[2] * b.box[3]);
		const zone = hit[0]?.record.ref;
		return zone && zone !== parts.get(ref).record.zone && !insideZone(zone, ref) ? zone : null;
	}

	function begin(e) {
		const node = e.target.closest("[data-ref]");
		const ref = node?.dataset.ref;
		if (e.button !== 0 || !canvas.querySelector("svg"))
			return;
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
		if (drag.more || !drag.ref) {
			frameTo(at);
			return;
		}
		for (const ref of drag.moving) {
			nodeOf(ref)?.setAttribute("transform", `translate(${drag.dx} ${drag.dy})`);
			flowsOf(ref).forEach((f) => nodeOf(f.record.ref)?.classList.add("waits"));
		}
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
		if (!d.began) {
			select(d.ref, d.more);
			nodeOf(d.ref || "")?.focus({ preventScroll: true });
		} else if (d.box) {
			canvas.querySelector(".marquee").remove();
			const [x, y, w, h] = d.box;
			selected = new Set(elements().filter(({ box }) => box[0] < x + w && x < box[0] + box[2] &&
				box[1] < y + h && y < box[1] + box[3]).map((p) => p.record.ref));
			select(null, true);
		} else if (d.moving.size) {
			drop(d, e);
		}
	}

	function drop(d, e) {
		const zones = [];
		if (!e.altKey && parts.get(d.ref).kind === "element")
			for (const ref of d.moving) {
				const [x, y, w, h] = parts.get(ref).box;
				const zone = zoneAt(x + w / 2 + d.dx, y + h / 2 + d.dy, ref);
				if (zone)
					zones.push([ref, zone]);
			}
		move(d.moving, d.dx, d.dy, zones);
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
		if (e.altKey && mayEdit) {
			const by = e.shiftKey ? 5 : 20;
			const moving = movers(ref || only());
			if (moving.size)
				move(moving, dx * by, dy * by);
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

	function change(e) {
		const digit = "12345".indexOf(e.key);
		if ((e.ctrlKey || e.metaKey) && e.key.toLowerCase() === "z")
			return step(e.shiftKey ? future : past, e.shiftKey ? "redo" : "undo"), true;
		if ((e.ctrlKey || e.metaKey) && e.key.toLowerCase() === "y")
			return step(future, "redo"), true;
		if (e.ctrlKey || e.metaKey || e.altKey)
			return false;
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
			inspector.querySelector("input, select")?.focus();
		} else if (e.key === "Escape")
			taken = letGo();
		else if (mayEdit)
			taken = change(e);
		if (taken) {
			e.preventDefault();
			e.stopPropagation();
		}
	}

	/* ---- the inspector ---- */

	const words = (list, value) => list.map(([name, label]) =>
		make("option", { value: name, selected: name === value }, label));

	function targets(field) {
		return [...parts.values()].filter((p) => field.refs.includes(p.kind) && alive(p.record.ref))
			.map((p) => [p.record.ref, `${p.record.title} (${p.record.ref})`]);
	}

	function control(field, value, id) {
		const none = field.required ? [] : [["", "–"]];
		const common = { id, name: field.name, disabled: !mayEdit };
		if (field.type === "enum" || field.type === "ref")
			return make("select", common,
				...words([...none, ...(field.type === "enum" ? field.words : targets(field))], value ?? ""));
		if (field.type === "flag")
			return make("input", { ...common, type: "checkbox", checked: value === true });
		return make("input", { ...common, type: field.type === "int" ? "number" : "text",
			value: value ?? "", autocomplete: "off", ...(field.min !== undefined && { min: field.min, max: field.max }) });
	}

	function valueOf(input, field) {
		if (field.type === "flag")
			return input.checked ? true : null;
		if (input.value === "")
			return null;
		return field.type === "int" ? Number(input.value) : input.value;
	}

	function fieldRow(part, field) {
		const id = `d-${field.name}`, value = part.record[field.name];
		const input = control(field, value, id);
		input.addEventListener("input", () => {
			draft = { ref: part.record.ref, name: field.name, value: valueOf(input, field), rev: part.rev };
			persist();
		});
		input.addEventListener("change", () => {
			draft = null;
			set(part.record.ref, { [field.name]: valueOf(input, field) });
			persist();
		});
		return make("div", { class: "field" }, make("label", { for: id }, field.label), input);
	}

	/* What rules ask about: the words of the vocabulary for this kind of part. */
	function properties(part) {
		const known = fixed.vocabulary[part.kind === "element" ? part.record.type : part.kind] || {};
		const rows = part.record.property || [];
		const save = (next) => set(part.record.ref, { property: next.length ? next : null });
		const list = rows.map((row, i) => {
			const options = known[row.name] || [];
			const id = `d-property-${i}`;
			const input = options.length
				? make("select", { id, name: id, disabled: !mayEdit },
					...words([...options, ...(options.includes(row.value) ? [] : [row.value])].map((w) => [w, w]), row.value))
				: make("input", { id, name: id, value: row.value, disabled: !mayEdit });
			input.addEventListener("change", () =>
				save(rows.map((r, n) => (n === i ? { ...r, value: input.value } : r))));
			const drop = make("button", { class: "btn bare", type: "button", "aria-label": `Remove ${row.name}`,
				hidden: !mayEdit }, "×");
			drop.addEventListener("click", () => save(rows.filter((_, n) => n !== i)));
			return make("div", { class: "field fact" }, make("label", { for: id }, row.name), input, drop);
		});
		const free = Object.keys(known).filter((k) => known[k].length);
		const more = make("select", { "aria-label": "Say more about it", name: "more", disabled: !mayEdit },
			...words([["", "Say more …"], ...free.map((k) => [k, k])], ""));
		more.addEventListener("change", () => {
			if (more.value)
				save([...rows, { name: more.value, value: known[more.value][0] }]);
		});
		return free.length ? [make("h3", {}, "What the rules know"), ...list, more] : [];
	}

	const tones = { open: "bad", question: "warn", mitigated: "good" };

	function finding(f, withTarget) {
		const line = make("li", {}, make("span", { class: `tag ${tones[f.outcome] || ""}` }, f.outcome), " ", f.title);
		if (f.by)
			line.append(make("span", { class: "under" }, f.outcome === "question" ? `Say: ${f.by}` : f.by));
		if (withTarget) {
			const go = make("button", { class: "btn bare", type: "button" }, titleOf(f.target));
			go.addEventListener("click", () => {
				select(f.target);
				nodeOf(f.target)?.focus();
			});
			line.append(go);
		}
		return line;
	}

	function findings(of) {
		const list = state.findings.filter((f) => of ? f.target === of : f.outcome !== "mitigated");
		const rank = { open: 0, question: 1, mitigated: 2 };
		list.sort((a, b) => rank[a.outcome] - rank[b.outcome]);
		const count = (o) => list.filter((f) => f.outcome === o).length;
		const shown = list.slice(0, 40);
		return [make(of ? "h3" : "h2", {}, `Threats: ${count("open")} open, ${count("question")} to answer`),
			make("ul", { class: "findings" }, ...shown.map((f) => finding(f, !of))),
			...(list.length > shown.length ? [make("p", { class: "quiet" }, `and ${list.length - shown.length} more`)] : [])];
	}

	function describe(ref) {
		const part = parts.get(ref);
		const rows = (fixed.kinds[part.kind] || []).map((f) => fieldRow(part, f));
		const more = make("details", { open: moreOpen }, make("summary", {}, "More"), ...rows.slice(FIRST),
			make("p", {}, make("a", { href: `/${encodeURIComponent(ref)}/edit` }, "All fields and links")));
		more.addEventListener("toggle", () => {
			moreOpen = more.open;
		});
		return [make("h2", {}, part.record.title, " ", make("a", { href: `/${encodeURIComponent(ref)}`, class: "quiet tiny" }, ref)),
			...rows.slice(0, FIRST), more, ...(part.kind === "zone" ? [] : properties(part)), ...findings(ref)];
	}

	/* Built anew after every answer; who is typing keeps the place, and what was typed. */
	function inspect() {
		const at = inspector.contains(document.activeElement) ? document.activeElement : null;
		const keep = at && { id: at.id, value: at.value, start: at.type === "text" ? at.selectionStart : null,
			dirty: draft && draft.name === at.name && draft.ref === only() };
		const ref = only();
		if (ref && parts.has(ref))
			inspector.replaceChildren(...describe(ref));
		else if (selected.size > 1)
			inspector.replaceChildren(make("p", { class: "empty" }, `${selected.size} parts are selected.`));
		else
			inspector.replaceChildren(make("p", { class: "quiet" }, "Select a part to describe it."), ...findings(null));
		const again = keep?.id && document.getElementById(keep.id);
		if (!again)
			return;
		if (keep.dirty)
			again.value = keep.value;
		again.focus({ preventScroll: true });
		if (keep.start !== null)
			again.setSelectionRange(keep.start, keep.start);
	}

	/* ---- begin ---- */

	const does = { flow: startConnecting, remove, arrange,
		undo: () => step(past, "undo"), redo: () => step(future, "redo") };
	for (const type of TYPES)
		does[type] = () => add(type);

	for (const b of all("[data-do]"))
		b.addEventListener("click", () => does[b.dataset.do]());
	canvas.addEventListener("click", (e) => {
		if (e.target.closest("a") && !e.ctrlKey && !e.metaKey)
			e.preventDefault();
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
		zoom = Math.min(3, Math.max(0.2, svg.clientWidth / svg.viewBox.baseVal.width * (e.deltaY < 0 ? 1.1 : 1 / 1.1)));
		scale();
	}, { passive: false });
	addEventListener("resize", scale);
	addEventListener("beforeunload", (e) => {
		if (queue.length)
			e.preventDefault();
	});

	(async () => {
		await load();
		if (!mayEdit)
			return;
		root.querySelector(".tools").hidden = false;
		await adopt();
		send();
	})();
})();
