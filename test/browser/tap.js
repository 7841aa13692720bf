/* Counts checks and prints them as TAP (Test Anything Protocol), one line a check. */
let count = 0;
let failed = 0;

export function ok(good, name, ...why) {
	count += 1;
	if (!good)
		failed += 1;
	console.log(`${good ? "ok" : "not ok"} ${count} ${name}`);
	if (!good)
		why.flat().forEach((line) => console.log(`# ${String(line).replaceAll("\n", "\n# ")}`));
	return Boolean(good);
}

export function is(got, want, name) {
	return ok(got === want, name, `got  ${JSON.stringify(got)}`, `want ${JSON.stringify(want)}`);
}

/* `faults` is a list of sentences; the check holds when there is none. */
export function none(faults, name) {
	return ok(faults.length === 0, name, faults);
}

export function note(text) {
	console.log(`# ${text}`);
}

/* A part that throws is one failed check; the parts after it still run. */
export async function part(name, run) {
	const began = Date.now();
	note(name);
	try {
		await run();
	} catch (e) {
		ok(false, `${name}: ran to its end`, e.stack || e);
	}
	note(`${name}: ${((Date.now() - began) / 1000).toFixed(1)} s`);
}

export function done() {
	console.log(`1..${count}`);
	return failed === 0 ? 0 : 1;
}
