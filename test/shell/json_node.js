// See json_node.t.  WARD_TEST_SEED repeats a run.
'use strict';
const { execFileSync } = require('child_process');
const tool = process.argv[2];
let seed = Number(process.env.WARD_TEST_SEED || Date.now()) >>> 0;
console.log('# seed ' + seed);
const random = n => {
	seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
	return Math.floor(seed / 4294967296 * n);
};
const digits = n => Array.from({ length: n }, () => random(10)).join('');
const pick = list => list[random(list.length)];

// A double of any bits, as close as a text can be; also those beside a power of two.
const bits = new DataView(new ArrayBuffer(8));
function double() {
	bits.setUint32(0, random(4294967296));
	bits.setUint32(4, random(3) ? random(4294967296) : pick([0, 1, 0xffffffff]));
	if (random(4) === 0)
		bits.setUint32(0, random(4096) << 20);
	const v = bits.getFloat64(0);
	return Number.isFinite(v) ? v : 1;
}
const numbers = [
	() => String(double()),
	() => double().toPrecision(1 + random(30)),
	() => (random(2) ? '-' : '') + (1 + random(9)) + digits(random(90)),
	() => (random(2) ? '-' : '') + '0.' + digits(1 + random(90)),
	() => digits(0) + (1 + random(9)) + digits(random(330)) + '.' + digits(1 + random(20)),
	() => (1 + random(9)) + '.' + digits(1 + random(20)) + pick(['e', 'E']) + pick(['', '+', '-']) + random(420),
	() => '0.' + '0'.repeat(random(340)) + digits(1 + random(20)) + 'e' + (random(700) - 350),
	() => pick(['0', '-0', '0e5', '-0.0', '1e400', '-1e400', '1.7976931348623157e308', '1.7976931348623159e308',
		'1.797693134862315807e308', '5e-324', '2e-324', '1e-400', '01', '1.', '.5', '+1', '1e', '0x1', 'NaN', 'Infinity',
		'9007199254740993', '-9007199254740993', '18446744073709551615']),
];
const letters = ['a', 'Z', '"', '\\', '/', '\b', '\f', '\n', '\r', '\t', '\u0001', '\u001f', '\u007f', 'ä', '€', '\u2028',
	'\ud7ff', '\ue000', '\ufeff', '\uffff', '😀', '𐀀', '\u{10ffff}'];
const text = () => Array.from({ length: random(12) }, () => pick(letters)).join('');
const escaped = s => '"' + Array.from(s, c => random(2) && c.codePointAt(0) > 31 && c !== '"' && c !== '\\' ? c
	: c.split('').map(u => '\\u' + u.charCodeAt(0).toString(16).padStart(4, '0')).join('')).join('') + '"';
function value(depth) {
	const what = random(depth > 3 ? 4 : 6);
	if (what < 2) return numbers[random(numbers.length - 1)]();
	if (what === 2) return escaped(text());
	if (what === 3) return pick(['true', 'false', 'null']);
	const items = Array.from({ length: random(4) }, () => value(depth + 1));
	if (what === 4) return '[' + items.join(pick([',', ', ', ' ,\t'])) + ']';
	return '{' + items.map((v, i) => escaped(text() + i) + ':' + v).join(',') + '}';
}
const bad = ['\ufeff1', '\ufeff{}', '[1,]', '{"a":1,}', '"\\x"', "'a'", '{a:1}', '[1 2]', '', ' ', 'tru', '"\t"', '[', ']'];

// RFC 8785 over what node read; undefined when it holds what cannot be said.
function canonical(v) {
	if (typeof v === 'number' && !Number.isFinite(v)) return undefined;
	if (v === null || typeof v !== 'object') return JSON.stringify(v);
	const items = Array.isArray(v) ? v.map(canonical)
		: Object.keys(v).sort().map(k => { const x = canonical(v[k]); return x && JSON.stringify(k) + ':' + x; });
	if (items.includes(undefined)) return undefined;
	return Array.isArray(v) ? '[' + items.join(',') + ']' : '{' + items.join(',') + '}';
}
function wanted(line) {
	try { return canonical(JSON.parse(line)) ?? 'refused'; } catch { return 'refused'; }
}

const lines = bad.filter(s => s !== '');
for (let i = 0; i < 40000; i++) lines.push(numbers[random(numbers.length)]());
for (let i = 0; i < 20000; i++) lines.push(value(0));
// What we refuse beyond node, by contract: U+0000, lone surrogates, a key twice.
const ours = lines.filter(s => !/\n|\\u0000/.test(s));
const said = execFileSync(tool, { input: ours.join('\n') + '\n', maxBuffer: 1 << 28 }).toString().split('\n');
let wrong = 0;
ours.forEach((line, i) => {
	const want = wanted(line);
	if (said[i] !== want && wrong++ < 10)
		console.log('# ' + line.slice(0, 200) + '\n#   node ' + want.slice(0, 200) + '\n#   ward ' + String(said[i]).slice(0, 200));
});
console.log('1..1\n' + (wrong ? 'not ok' : 'ok') + ' 1 ' + ours.length + ' texts are read and written as node does');
process.exit(wrong ? 1 : 0);
