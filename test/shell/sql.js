// Prints "file:line<TAB>statement" for every SQL…("…" "…") literal below a folder.
const fs = require('fs'), path = require('path');
const files = [];
(function walk(dir) {
	for (const e of fs.readdirSync(dir, { withFileTypes: true })) {
		const p = path.join(dir, e.name);
		if (e.isDirectory()) walk(p);
		else if (p.endsWith('.c')) files.push(p);
	}
})(process.argv[2]);
for (const file of files.sort()) {
	const text = fs.readFileSync(file, 'utf8');
	const start = /\bSQL(?:_CHANGE|_LEDGER|_STATE)?\(/g;
	for (let m; (m = start.exec(text)); ) {
		const line = text.slice(0, m.index).split('\n').length;
		const literal = /^\s*((?:"(?:[^"\\]|\\.)*"\s*)+)\)/.exec(text.slice(start.lastIndex));
		if (!literal) continue; // a macro parameter: its uses are found elsewhere
		const sql = [...literal[1].matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(x => JSON.parse(`"${x[1]}"`)).join('');
		console.log(`${file}:${line}\t${sql.replace(/[\t\n]+/g, ' ')}`);
	}
}
