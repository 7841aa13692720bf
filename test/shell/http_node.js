// Feeds requests to node's http server and to our parser, and compares the verdicts.
//
//	node http_node.js TOOL CORPUS
//
// The requests: the corpus of the fuzz target, a list of nasty ones, and variants of both with
// bytes put in, taken out and doubled, drawn from a fixed seed.  Node's verdict is the status of
// its first answer; its handler says 200 to everything that reaches it.
'use strict';
const { execFileSync } = require('child_process');
const fs = require('fs');
const http = require('http');
const net = require('net');
const os = require('os');
const path = require('path');

const [tool, corpus] = process.argv.slice(2);
const VARIANTS_OF_GOOD = 300, VARIANTS_OF_BAD = 15, AT_ONCE = 32, SILENCE_MS = 5000, REASONABLE = 200;
const get = 'GET / HTTP/1.1\r\nHost: a\r\n';

// Byte strings, one character a byte.  `ours` is what we must say, where it is certain.
const nasty = [
	[get + '\r\n', 200],
	['GET / HTTP/1.1\r\n\r\n', 400],
	[get + 'Host: a\r\n\r\n', 400],
	[get + 'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', 400],
	[get + 'Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n', 400],
	[get + 'Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef', 400],
	[get + 'Content-Length: 5\r\nContent-Length: 5\r\n\r\nabcde', 400],
	[get + 'Content-Length: 5, 5\r\n\r\nabcde', 400],
	[get + 'Content-Length: +5\r\n\r\nabcde', 400],
	[get + 'Content-Length: -5\r\n\r\nabcde', 400],
	[get + 'Content-Length: 5 5\r\n\r\nabcde', 400],
	[get + 'Content-Length: 0x5\r\n\r\nabcde', 400],
	[get + 'Content-Length: 5a\r\n\r\nabcde', 400],
	[get + 'Content-Length:\r\n\r\n', 400],
	[get + 'Content-Length: \v5\r\n\r\nabcde', 400],
	[get + 'Content-Length: 18446744073709551616\r\n\r\n', 413],
	[get + 'Content-Length : 5\r\n\r\nabcde', 400],
	[get + 'Content-Length\0: 5\r\n\r\nabcde', 400],
	[get + ' Content-Length: 5\r\n\r\nabcde', 400],
	[get + 'Transfer-Encoding: chunked, identity\r\n\r\n', 501],
	[get + 'Transfer-Encoding: identity\r\n\r\n', 501],
	[get + 'Transfer-Encoding: xchunked\r\n\r\n', 501],
	[get + 'Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n', 400],
	[get + 'Transfer-Encoding:\vchunked\r\n\r\n0\r\n\r\n', 400],
	[get + 'Transfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n', 400],
	[get + 'Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n', 400],
	[get + 'Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n0\r\n\r\n', 501],
	[get + 'A: b\r\n c\r\n\r\n', 400],
	[get + 'A: b\r\n\tc\r\n\r\n', 400],
	[get + 'A: b\nC: d\r\n\r\n', 400],
	[get + 'A: b\rC: d\r\n\r\n', 400],
	[get + 'A: b\r\r\n\r\n', 400],
	[get + 'A: b\0c\r\n\r\n', 400],
	[get + 'A: \x7f\r\n\r\n', 400],
	[get + 'A: \x01\r\n\r\n', 400],
	[get + 'A: \xff\r\n\r\n', 400],
	[get + 'A\x80: b\r\n\r\n', 400],
	[get + 'A b: c\r\n\r\n', 400],
	[get + 'A\t: c\r\n\r\n', 400],
	[get + 'A,b: c\r\n\r\n', 400],
	[get + ': c\r\n\r\n', 400],
	[get + 'A\r\n\r\n', 400],
	[get + '\n', 400],
	[get + '\r\r\n', 400],
	['GET / HTTP/1.1\nHost: a\n\n', 400],
	['GET / HTTP/1.1\rHost: a\r\r', 400],
	['GET / HTTP/1.1\r\n Host: a\r\n\r\n', 400],
	['GET / HTTP/1.1\r\n\r\nHost: a\r\n\r\n', 400],
	['\r\n\r\n' + get + '\r\n', 400],
	[' ' + get + '\r\n', 400],
	['\0' + get + '\r\n', 400],
	['GET  / HTTP/1.1\r\nHost: a\r\n\r\n', 400],
	['GET /  HTTP/1.1\r\nHost: a\r\n\r\n', 400],
	['GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n', 400],
	['GET /\tHTTP/1.1\r\nHost: a\r\n\r\n', 400],
	['GET /\x0c HTTP/1.1\r\nHost: a\r\n\r\n', 400],
	['GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n', 400],
	['GET /\xff HTTP/1.1\r\nHost: a\r\n\r\n', 400],
	['GET / HTTP/1.1 \r\nHost: a\r\n\r\n', 400],
	['GET / HTTP/1.1\0\r\nHost: a\r\n\r\n', 400],
	['GET / HTTP/1.1x\r\nHost: a\r\n\r\n', 400],
	['GET / HTTP/1,1\r\nHost: a\r\n\r\n', 400],
	['GET / HTTP/+1.1\r\nHost: a\r\n\r\n', 400],
	['GET / HTTP/1.10\r\nHost: a\r\n\r\n', 400],
	['GET / HTTP/9.9\r\nHost: a\r\n\r\n', 505],
	['GET / HTTP/0.9\r\nHost: a\r\n\r\n', 505],
	['GET / ICE/1.0\r\nHost: a\r\n\r\n', 400],
	['GET / RTSP/1.0\r\nHost: a\r\n\r\n', 400],
	['GET /\r\n\r\n', 400],
	['GET\r\n\r\n', 400],
	['get / HTTP/1.1\r\nHost: a\r\n\r\n', 501],
	['GETX / HTTP/1.1\r\nHost: a\r\n\r\n', 501],
	['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 501],
	['CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n', 501],
	['GET * HTTP/1.1\r\nHost: a\r\n\r\n', 400],
	['GET a HTTP/1.1\r\nHost: a\r\n\r\n', 400],
	['GET http:// HTTP/1.1\r\nHost: a\r\n\r\n', 400],
	['GET http://a b/ HTTP/1.1\r\nHost: a\r\n\r\n', 400],
	['GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n', 400],
	['GET http://a@@b/ HTTP/1.1\r\nHost: a\r\n\r\n', 400],
	['GET http://[::1/ HTTP/1.1\r\nHost: [::1\r\n\r\n', 400],
	[get + 'Expect: tea\r\n\r\n', 417],
	[get + 'A: ' + 'a'.repeat(16400) + '\r\n\r\n', 431],
	['GET /' + 'a'.repeat(17000) + ' HTTP/1.1\r\nHost: a\r\n\r\n', 414],
	['\x16\x03\x01\x02\x00\x01\x00', 400],
	['POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc', 200],
	['POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n', 501],
].map(([text, ours]) => ({ bytes: Buffer.from(text, 'latin1'), ours }));

// A fixed sequence (Numerical Recipes): the same requests in every run.
let state = 1;
function below(n) {
	state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
	return Math.floor(state / 4294967296 * n);
}

const bits = ['\0', '\n', '\r', '\r\n', '\r\n ', '\t', ' ', '\v', '\x7f', '\x80', '\xff', ':', ',', ';',
	'0', '+', '-', '"', '#', '@', '/', 'Host: b\r\n', 'Content-Length: 1\r\n',
	'Transfer-Encoding: chunked\r\n', 'Connection: close\r\n', 'HTTP/1.1', 'A: b\r\n'];

function variant(bytes) {
	const at = below(Math.min(bytes.length, 400) + 1);
	const bit = Buffer.from(bits[below(bits.length)], 'latin1');
	const span = 1 + below(4);
	switch (below(4)) {
	case 0: // put in
		return Buffer.concat([bytes.subarray(0, at), bit, bytes.subarray(at)]);
	case 1: // put in place of
		return Buffer.concat([bytes.subarray(0, at), bit, bytes.subarray(at + bit.length)]);
	case 2: // take out
		return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + span)]);
	default: // double
		return Buffer.concat([bytes.subarray(0, at + span), bytes.subarray(at)]);
	}
}

function requests() {
	const seeds = fs.readdirSync(corpus).sort()
		.map(name => ({ bytes: fs.readFileSync(path.join(corpus, name)) })).concat(nasty);
	const all = [...seeds], verdicts = ourVerdicts(seeds);
	// What lies one step from the acceptable tells more than what is bad anyway.
	for (const [at, seed] of seeds.entries()) {
		const count = verdicts[at] === 200 ? VARIANTS_OF_GOOD : VARIANTS_OF_BAD;
		for (let i = 0; i < count; i++) {
			let bytes = variant(seed.bytes);
			if (below(2))
				bytes = variant(bytes);
			all.push({ bytes });
		}
	}
	return all;
}

function ourVerdicts(all) {
	const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ward-'));
	const pack = path.join(folder, 'pack');
	const pieces = [];
	for (const { bytes } of all) {
		const length = Buffer.alloc(4);
		length.writeUInt32BE(bytes.length);
		pieces.push(length, bytes);
	}
	fs.writeFileSync(pack, Buffer.concat(pieces));
	try {
		return execFileSync(tool, [pack], { encoding: 'latin1' }).trim().split('\n').map(Number);
	} finally {
		fs.rmSync(folder, { recursive: true });
	}
}

// The status of node's first final answer; 0 when it closes without one.
function nodeVerdict(port, bytes) {
	return new Promise(resolve => {
		let answer = '';
		const socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
		const done = () => {
			const found = /^(?:HTTP\/1\.1 100 [^]*?\r\n\r\n)?HTTP\/1\.1 (\d+)/.exec(answer);
			socket.destroy();
			resolve(found ? Number(found[1]) : 0);
		};
		socket.on('data', data => { answer += data.toString('latin1'); });
		socket.on('end', done);
		socket.on('error', done);
		socket.setTimeout(SILENCE_MS, done);
		socket.end(bytes);
	});
}

async function nodeVerdicts(all) {
	const server = http.createServer((request, reply) => {
		reply.setHeader('Connection', 'close');
		reply.end('taken');
	});
	await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
	const verdicts = new Array(all.length);
	let next = 0;
	await Promise.all(Array.from({ length: AT_ONCE }, async () => {
		while (next < all.length) {
			const i = next++;
			verdicts[i] = await nodeVerdict(server.address().port, all[i].bytes);
		}
	}));
	server.close();
	return verdicts;
}

const show = bytes => JSON.stringify(bytes.subarray(0, 300).toString('latin1'));

async function main() {
	const all = requests();
	const ours = ourVerdicts(all);
	const nodes = await nodeVerdicts(all);
	const refuses = status => status >= 400 && status <= 599;
	const wrong = [], lax = [];
	let both = 0, taken = 0;
	all.forEach((request, i) => {
		if (request.ours !== undefined && ours[i] !== request.ours)
			wrong.push(`${ours[i]}, not ${request.ours}: ${show(request.bytes)}`);
		if (refuses(nodes[i]) && ours[i] === 200)
			lax.push(`node ${nodes[i]}: ${show(request.bytes)}`);
		both += refuses(nodes[i]) && refuses(ours[i]);
		taken += nodes[i] === 200 && ours[i] === 200;
	});
	const test = (n, name, bad) => {
		bad.slice(0, 20).forEach(text => console.log(`# ${text}`));
		console.log(`${bad.length ? 'not ' : ''}ok ${n} - ${name}`);
	};
	console.log('1..4');
	console.log(`# ${all.length} requests: both refuse ${both}, both take ${taken}`);
	test(1, 'every request got a verdict of ours', ours.length === all.length ? [] : ['lines are missing']);
	test(2, 'the nasty ones are refused as they must be', wrong);
	test(3, 'whatever node refuses, we refuse', lax);
	// A comparison in which nothing is refused, or nothing taken, would prove nothing.
	test(4, 'both verdicts occur often', both > REASONABLE && taken > REASONABLE ? []
		: [`both refuse ${both}, both take ${taken}`]);
	process.exitCode = wrong.length || lax.length || ours.length !== all.length ||
		both <= REASONABLE || taken <= REASONABLE ? 1 : 0;
}

main();
