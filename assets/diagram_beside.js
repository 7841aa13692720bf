/*
 * What stands beside the canvas of the diagram editor: the fields of what is selected, what the rules
 * know and ask of it, its place, its threats.  `d` is what diagram.js gives: the parts, and ways to
 * change them.  Returns the function that builds it anew after every answer of the server.
 */
globalThis.diagramBeside = (d) => {
	"use strict";
	const { inspector, make, mayEdit } = d;
	const FIRST = 5; /* fields shown at once; the others are behind "More" */
	const SHOWN = 40; /* findings */
	const open = new Set(); /* what is unfolded */
	let asked = null; /* a fact that is about to be stated: { ref, name } */

	const words = (list, value) => list.map(([name, label]) =>
		make("option", { value: name, selected: name === value }, label));
	const named = (p) => [p.record.ref, `${p.record.title} (${p.record.ref})`];

	function button(label, then, more = {}) {
		const b = make("button", { class: "btn bare", type: "button", ...more }, label);
		b.addEventListener("click", then);
		return b;
	}

	function folded(name, ...children) {
		const e = make("details", { open: open.has(name) }, make("summary", {}, name), ...children);
		e.addEventListener("toggle", () => (e.open ? open.add(name) : open.delete(name)));
		return e;
	}

	/* ---- fields ---- */

	function control(field, value, id) {
		const none = field.required ? [] : [["", "–"]];
		const common = { id, name: field.name, disabled: !mayEdit, "aria-describedby": field.help && `${id}-help` };
		const targets = () => d.parts().filter((p) => field.refs.includes(p.kind) && d.alive(p.record.ref)).map(named);
		if (field.type === "enum" || field.type === "ref")
			return make("select", common,
				...words([...none, ...(field.type === "enum" ? field.words : targets())], value ?? ""));
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
		const id = `d-${field.name}`, ref = part.record.ref;
		const input = control(field, part.record[field.name], id);
		input.addEventListener("input", () => d.typed({ ref, name: field.name, value: valueOf(input, field) }));
		input.addEventListener("change", () => {
			d.typed(null);
			d.set(ref, { [field.name]: valueOf(input, field) });
		});
		return make("div", { class: "field" }, make("label", { for: id }, field.label), input,
			...(field.help ? [make("p", { class: "help", id: `${id}-help` }, field.help)] : []));
	}

	/* What can be dragged can be typed. */
	function place(part) {
		const { box, placed, kind, record } = part;
		const now = placed && kind === "zone" ? placed : box;
		const names = kind === "zone" ? ["X", "Y", "Width", "Height"] : ["X", "Y"];
		return folded("Place", make("div", { class: "places" }, ...names.map((name, i) => {
			const id = `d-place-${i}`;
			const input = make("input", { id, type: "number", value: now[i], disabled: !mayEdit,
				min: i > 1 ? 40 : -100000, max: 100000 });
			input.addEventListener("change", () => {
				if (input.checkValidity() && input.value !== "")
					d.move(new Map([[record.ref, now.map((n, k) => (k === i ? Number(input.value) : n))]]));
			});
			return make("div", { class: "field" }, make("label", { for: id }, name), input);
		})));
	}

	/* ---- what the rules know and ask ---- */

	const knownOf = (part) => d.fixed().vocabulary[part.kind === "element" ? part.record.type : part.kind] || {};

	function fact(part, rows, row, i) {
		const options = knownOf(part)[row.name] || [], id = `d-property-${i}`;
		const save = (next) => d.set(part.record.ref, { property: next.length ? next : null });
		const input = options.length
			? make("select", { id, name: id, disabled: !mayEdit }, ...words([...(row.value ? [] : [["", "Choose"]]),
				...[...new Set([...options, "?", ...(row.value ? [row.value] : [])])].map((w) => [w, w === "?" ? "not known yet" : w])],
			row.value))
			: make("input", { id, name: id, value: row.value, disabled: !mayEdit });
		input.addEventListener("change", () => {
			asked = null;
			save(i < rows.length ? rows.map((r, n) => (n === i ? { ...r, value: input.value } : r))
				: [...rows, { name: row.name, value: input.value }]);
		});
		const drop = button("×", () => save(rows.filter((_, n) => n !== i)),
			{ "aria-label": `Remove ${row.name}`, hidden: !mayEdit || i >= rows.length });
		return make("div", { class: "field fact" }, make("label", { for: id }, row.name), input, drop);
	}

	function properties(part) {
		const known = knownOf(part), rows = part.record.property || [];
		const free = Object.keys(known).filter((k) => known[k].length);
		if (free.length === 0 || !d.fixed().copied[part.kind].includes("property"))
			return [];
		const list = rows.map((row, i) => fact(part, rows, row, i));
		/* Nothing is stated before somebody chose a word. */
		if (asked?.ref === part.record.ref)
			list.push(fact(part, rows, { name: asked.name, value: "" }, rows.length));
		const more = make("select", { "aria-label": "Say more about it", name: "more", disabled: !mayEdit },
			...words([["", "Say more …"], ...free.map((k) => [k, k])], ""));
		more.addEventListener("change", () => more.value && ask(part.record.ref, more.value));
		return [make("h3", {}, "What the rules know"), ...list, more];
	}

	/* Goes to where a fact is stated: a row of the part, new when nothing is said yet. */
	function ask(ref, name) {
		const rows = d.part(ref).record.property || [], at = rows.findIndex((r) => r.name === name);
		asked = at < 0 ? { ref, name } : null;
		d.select(ref);
		document.getElementById(`d-property-${at < 0 ? rows.length : at}`)?.focus();
	}

	/* ---- threats ---- */

	/* "to.checks-roles" of a flow is a fact of the element where it ends. */
	function missing(target, fact) {
		const [side, name] = fact.includes(".") ? fact.split(".") : ["", fact];
		const part = d.part(side ? d.part(target)?.record[side] : target);
		if (part && knownOf(part)[name]?.length && mayEdit)
			return button(side ? `${name} of ${part.record.title}` : name, () => ask(part.record.ref, name));
		return part ? make("a", { href: `/${encodeURIComponent(part.record.ref)}` }, fact) : fact;
	}

	const tones = { open: "bad", question: "warn", mitigated: "good" };

	function finding(f, withTarget) {
		const line = make("li", {}, make("span", { class: `tag ${tones[f.outcome] || ""}` }, f.outcome), " ", f.title);
		if (f.outcome === "question")
			line.append(make("span", { class: "under" }, "Not known: ", ...f.by.split(", ").flatMap((w, i) =>
				[i ? ", " : "", missing(f.target, w)])));
		else if (f.by)
			line.append(make("span", { class: "under" }, f.by));
		if (withTarget)
			line.append(" ", button(d.titleOf(f.target), () => {
				d.select(f.target);
				d.nodeOf(f.target)?.focus();
			}));
		return line;
	}

	function findings(of) {
		const rank = { open: 0, question: 1, mitigated: 2 };
		const list = d.findings().filter((f) => of ? f.target === of : f.outcome !== "mitigated")
			.sort((a, b) => rank[a.outcome] - rank[b.outcome]);
		const count = (o) => list.filter((f) => f.outcome === o).length;
		return [make(of ? "h3" : "h2", {}, `Threats: ${count("open")} open, ${count("question")} to answer`),
			make("ul", { class: "findings" }, ...list.slice(0, SHOWN).map((f) => finding(f, !of))),
			...(count("open") + count("question") ? [make("p", {}, make("a", { href: "/model/triage" }, "Decide in triage"),
				list.length > SHOWN ? `, where ${list.length - SHOWN} more are` : "")] : [])];
	}

	/* ---- one, several, none ---- */

	function one(part) {
		const ref = part.record.ref, rows = (d.fixed().kinds[part.kind] || []).map((f) => fieldRow(part, f));
		return [make("h2", {}, part.record.title, " ", make("a", { href: `/${encodeURIComponent(ref)}`, class: "quiet tiny" }, ref)),
			...rows.slice(0, FIRST), folded("More", ...rows.slice(FIRST),
				make("p", {}, make("a", { href: `/${encodeURIComponent(ref)}/edit` }, "All fields and links"))),
			...(part.box?.[2] ? [place(part)] : []), ...properties(part), ...findings(ref)];
	}

	function several(refs) {
		const kinds = refs.map((ref) => d.part(ref)), elements = kinds.filter((p) => p.kind === "element");
		const zones = d.parts().filter((p) => p.kind === "zone" && d.alive(p.record.ref)).map(named);
		const input = make("select", { id: "d-zone", name: "zone", disabled: !mayEdit },
			...words([["keep", "Choose"], ["", "None"], ...zones], "keep"));
		input.addEventListener("change", () => input.value !== "keep" &&
			d.setAll(elements.map((p) => p.record.ref), { zone: input.value || null }));
		return [make("h2", {}, `${refs.length} parts`),
			make("ul", { class: "findings" }, ...kinds.map((p) => make("li", {}, button(p.record.title, () => d.select(p.record.ref))))),
			...(elements.length ? [make("div", { class: "field" },
				make("label", { for: "d-zone" }, `Zone of the ${elements.length} elements`), input)] : [])];
	}

	inspector.addEventListener("keydown", (e) => {
		if (e.key === "Escape" || (e.key === "Enter" && e.target.tagName === "INPUT")) {
			e.preventDefault();
			e.target.blur(); /* what was typed counts */
			d.back(d.only());
		}
	});

	/* Who is typing keeps the place, and what was typed. */
	return () => {
		const at = inspector.contains(document.activeElement) ? document.activeElement : null, draft = d.draft();
		const keep = at && { id: at.id, value: at.value, start: at.type === "text" ? at.selectionStart : null,
			dirty: draft && draft.name === at.name && draft.ref === d.only() };
		const part = d.part(d.only());
		if (asked && asked.ref !== d.only())
			asked = null;
		inspector.replaceChildren(...(part ? one(part) : d.selected().length > 1 ? several(d.selected())
			: [make("p", { class: "quiet" }, "Select a part to describe it."), ...findings(null)]));
		const again = keep?.id && document.getElementById(keep.id);
		if (!again)
			return;
		if (keep.dirty)
			again.value = keep.value;
		again.focus({ preventScroll: true });
		if (keep.start !== null)
			again.setSelectionRange(keep.start, keep.start);
	};
};
