/*
 * What makes pages faster to use; every page works without it.
 *
 *	/        search                    j k      next and previous row of a table
 *	g + key  the place whose link has data-key="key"      Enter  open the row
 *	x        choose the row, where it has a box
 *	?        the list of keys          e c a    the link or button with data-act="e"
 *
 * Single keys are off while somebody types, and where <html data-keys="off"> (WCAG 2.1.4).
 * A form with data-guard warns before unsaved changes are left behind, with data-guard="unsaved"
 * from the start; a link with data-drop leaves them.
 */
(() => {
	"use strict";
	const root = document.documentElement;
	const all = (selector, from = document) => [...from.querySelectorAll(selector)];
	let going = 0; /* until when a letter after `g` counts, in ms */

	const types = (e) =>
		e.isContentEditable || /^(INPUT|SELECT|TEXTAREA)$/.test(e.tagName);

	const rows = () => all("table.grid tbody tr").filter((r) => r.querySelector("a[href]"));

	function moveRow(step) {
		const list = rows();
		const at = list.findIndex((r) => r.contains(document.activeElement));
		const row = list[Math.min(Math.max(at + step, 0), list.length - 1)];
		const link = row && (row.querySelector("a.title") || row.querySelector("a[href]"));
		if (link) {
			link.focus();
			row.scrollIntoView({ block: "nearest" });
		}
		return Boolean(link);
	}

	/* The box of the row that has the focus. */
	function choose() {
		const row = rows().find((r) => r.contains(document.activeElement));
		const box = row && row.querySelector('input[type="checkbox"]');
		if (box)
			box.click();
		return Boolean(box);
	}

	function line(list, keys, words) {
		const dt = list.appendChild(document.createElement("dt"));
		keys.forEach((k) => {
			dt.append(dt.childNodes.length ? " " : "");
			dt.appendChild(document.createElement("kbd")).textContent = k;
		});
		list.appendChild(document.createElement("dd")).textContent = words;
	}

	/* The words of a link without those only a screen reader is told. */
	function wordsOf(link) {
		const copy = link.cloneNode(true);
		all(".sr, .count, svg", copy).forEach((e) => e.remove());
		return copy.textContent.trim();
	}

	function showKeys() {
		const dialog = document.body.appendChild(document.createElement("dialog"));
		const title = dialog.appendChild(document.createElement("h2"));
		const list = dialog.appendChild(document.createElement("dl"));
		const form = dialog.appendChild(document.createElement("form"));
		const close = form.appendChild(document.createElement("button"));
		title.textContent = "Keys";
		title.id = "keys-title";
		dialog.setAttribute("aria-labelledby", title.id);
		line(list, ["/"], "Search");
		if (rows().length)
			line(list, ["j", "k"], "Next and previous row");
		if (rows().some((r) => r.querySelector('input[type="checkbox"]')))
			line(list, ["x"], "Choose the row");
		all("[data-act]").forEach((e) => line(list, [e.dataset.act], wordsOf(e.closest("label") || e)));
		all("a[data-key]").forEach((e) => line(list, ["g", e.dataset.key], wordsOf(e)));
		form.method = "dialog";
		close.className = "btn";
		close.textContent = "Close";
		dialog.addEventListener("close", () => dialog.remove());
		dialog.showModal();
		return true;
	}

	function press(key) {
		if (going > Date.now()) {
			const place = document.querySelector(`a[data-key="${CSS.escape(key)}"]`);
			going = 0;
			if (place)
				place.click();
			return Boolean(place);
		}
		if (key === "/") {
			const search = document.querySelector('input[type="search"]');
			if (search)
				search.focus();
			return Boolean(search);
		}
		if (key === "g") {
			going = Date.now() + 1500;
			return true;
		}
		if (key === "j" || key === "k")
			return moveRow(key === "j" ? 1 : -1);
		if (key === "x" && choose())
			return true;
		if (key === "?")
			return showKeys();
		const act = document.querySelector(`[data-act="${CSS.escape(key)}"]`);
		if (act)
			act.click();
		return Boolean(act);
	}

	document.addEventListener("keydown", (e) => {
		if (e.ctrlKey || e.metaKey || e.altKey || e.isComposing || e.key.length !== 1)
			return;
		if (root.dataset.keys === "off" || types(e.target) || document.querySelector("dialog[open]"))
			return;
		if (press(e.key))
			e.preventDefault();
	});

	/* What a form would send, to see whether anything was changed. */
	const content = (form) => JSON.stringify([...new FormData(form)].map(([k, v]) => [k, String(v)]));
	const guarded = new Map();
	all("form[data-guard]").forEach((form) => {
		guarded.set(form, form.dataset.guard === "unsaved" ? "" : content(form));
		form.addEventListener("submit", () => guarded.delete(form));
	});
	all("[data-drop]").forEach((link) => link.addEventListener("click", () => guarded.clear()));
	addEventListener("beforeunload", (e) => {
		for (const [form, first] of guarded)
			if (content(form) !== first)
				e.preventDefault();
	});
})();
