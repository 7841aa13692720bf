// Stranger checks what leaves a ward ledger with Go's own golang.org/x/mod/sumdb packages (Debian:
// golang-golang-x-mod-dev), which share no code with ward: an exported log with its tiles, entries
// and checkpoint, receipts with what they open, proofs of consistency, proofs of the latest entry.
//
//	stranger log VKEY DIR            every tile, every entry, an inclusion proof of each, the root
//	stranger receipt VKEY FILE       prints act, object and what is opened
//	stranger consistency VKEY FILE OLD-CHECKPOINT
//	stranger latest VKEY FILE        prints the object and how many entries lie behind
//	stranger grow VKEY OLD-DIR NEW-DIR   both logs, and that the new one continues the old one
//
// Exits 1 and says why when something does not hold.
package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/bits"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	height  = 8
	entries = 1 << height
)

func fail(format string, a ...interface{}) {
	fmt.Fprintf(os.Stderr, "stranger: "+format+"\n", a...)
	os.Exit(1)
}

func must(err error, what string) {
	if err != nil {
		fail("%s: %v", what, err)
	}
}

func read(file string) []byte {
	b, err := os.ReadFile(file)
	must(err, "read")
	return b
}

// ---- checkpoints ----

func open(raw []byte, vkey string) tlog.Tree {
	v, err := note.NewVerifier(strings.TrimSpace(vkey))
	must(err, "key")
	n, err := note.Open(raw, note.VerifierList(v))
	must(err, "checkpoint")
	l := strings.Split(n.Text, "\n")
	if len(l) < 4 || l[0] != v.Name() {
		fail("the checkpoint is not of %s", v.Name())
	}
	size, err := strconv.ParseInt(l[1], 10, 64)
	must(err, "size of the checkpoint")
	if strconv.FormatInt(size, 10) != l[1] || size < 0 {
		fail("size %q", l[1])
	}
	return tlog.Tree{N: size, Hash: hash(l[2])}
}

func hash(text string) (h tlog.Hash) {
	b, err := base64.StdEncoding.Strict().DecodeString(text)
	must(err, "hash")
	if len(b) != tlog.HashSize {
		fail("a hash of %d bytes", len(b))
	}
	copy(h[:], b)
	return h
}

// ---- an exported log ----

type reader struct{ dir string }

func (r reader) Height() int { return height }
func (r reader) ReadTiles(ts []tlog.Tile) (out [][]byte, err error) {
	for _, t := range ts {
		b, err := os.ReadFile(filepath.Join(r.dir, tilePath(t)))
		if err != nil {
			return nil, err
		}
		out = append(out, b)
	}
	return out, nil
}
func (r reader) SaveTiles([]tlog.Tile, [][]byte) {}

// tilePath is C2SP's name of a tile: tile/L/N, where sumdb says tile/8/L/N.
func tilePath(t tlog.Tile) string { return strings.Replace(t.Path(), "tile/8/", "tile/", 1) }

// bundle reads the leaves below a tile of level 0.
func bundle(dir string, t tlog.Tile) (leaves [][]byte) {
	name := strings.Replace(tilePath(t), "tile/0/", "tile/entries/", 1)
	b := read(filepath.Join(dir, name))
	for i := 0; i < t.W; i++ {
		if len(b) < 2 || len(b) < 2+int(binary.BigEndian.Uint16(b)) {
			fail("%s ends early", name)
		}
		n := 2 + int(binary.BigEndian.Uint16(b))
		leaves = append(leaves, b[2:n])
		b = b[n:]
	}
	if len(b) != 0 {
		fail("%s has more than its entries", name)
	}
	return leaves
}

// everyTile compares each file of hashes with those of the tree below it.  sumdb reads only what
// a proof needs; a stranger wants to know of the rest.
func everyTile(dir string, hashes []tlog.Hash) {
	for level := 0; len(hashes) > 0; level++ {
		var above []tlog.Hash
		for at := 0; at < len(hashes); at += entries {
			end := at + entries
			if end > len(hashes) {
				end = len(hashes)
			}
			t := tlog.Tile{H: height, L: level, N: int64(at / entries), W: end - at}
			var want []byte
			for _, h := range hashes[at:end] {
				want = append(want, h[:]...)
			}
			if !bytes.Equal(want, read(filepath.Join(dir, tilePath(t)))) {
				fail("%s is not made of the entries", tilePath(t))
			}
			if end-at == entries {
				above = append(above, perfect(hashes[at:end]))
			}
		}
		hashes = above
	}
}

func perfect(h []tlog.Hash) tlog.Hash {
	if len(h) == 1 {
		return h[0]
	}
	return tlog.NodeHash(perfect(h[:len(h)/2]), perfect(h[len(h)/2:]))
}

func checkLog(vkey, dir string) tlog.Tree {
	tree := open(read(filepath.Join(dir, "checkpoint")), vkey)
	r := tlog.TileHashReader(tree, reader{dir})
	var hashes []tlog.Hash
	for at := int64(0); at < tree.N; at += entries {
		width := int64(entries)
		if tree.N-at < width {
			width = tree.N - at
		}
		t := tlog.Tile{H: height, L: 0, N: at / entries, W: int(width)}
		for _, leaf := range bundle(dir, t) {
			hashes = append(hashes, tlog.RecordHash(leaf))
		}
	}
	everyTile(dir, hashes)
	for i := int64(0); i < tree.N; i++ {
		p, err := tlog.ProveRecord(tree.N, i, r)
		must(err, "prove")
		must(tlog.CheckRecord(p, tree.N, tree.Hash, i, hashes[i]), fmt.Sprintf("entry %d", i))
	}
	return tree
}

func checkGrow(vkey, before, after string) {
	old, new := checkLog(vkey, before), checkLog(vkey, after)
	p, err := tlog.ProveTree(new.N, old.N, tlog.TileHashReader(new, reader{after}))
	must(err, "prove")
	must(tlog.CheckTree(p, new.N, new.Hash, old.N, old.Hash), "consistency")
	fmt.Printf("%d entries, then %d\n", old.N, new.N)
}

// ---- the text form of proofs ----

type lines struct{ rest []byte }

func (l *lines) next() string {
	i := bytes.IndexByte(l.rest, '\n')
	if i < 0 {
		fail("the proof ends early")
	}
	line := string(l.rest[:i])
	l.rest = l.rest[i+1:]
	return line
}

// head reads the first line, the extra data if any, and a number behind a word.
func (l *lines) head(format, word string) (extra []byte, number int64) {
	if got := l.next(); got != format {
		fail("%q is not %s", got, format)
	}
	line := l.next()
	if strings.HasPrefix(line, "extra ") {
		b, err := base64.StdEncoding.Strict().DecodeString(line[6:])
		must(err, "extra")
		extra = b
		line = l.next()
	}
	if !strings.HasPrefix(line, word+" ") {
		fail("%q is not %s", line, word)
	}
	n, err := strconv.ParseInt(line[len(word)+1:], 10, 64)
	must(err, word)
	if n < 0 || strconv.FormatInt(n, 10) != line[len(word)+1:] {
		fail("%q", line)
	}
	return extra, n
}

func (l *lines) hashes() (out []tlog.Hash) {
	for line := l.next(); line != ""; line = l.next() {
		out = append(out, hash(line))
	}
	return out
}

// ---- leaves and what they are committed to ----

type leaf struct {
	Act, Object, Outcome, Body, Private string
}

func decode(text []byte) (l leaf) {
	must(json.Unmarshal(text, &l), "leaf")
	return l
}

func commit(name string, salt, value []byte) string {
	h := sha256.New()
	h.Write([]byte("ward/part/1\x00"))
	h.Write(salt)
	binary.Write(h, binary.BigEndian, uint32(len(name)))
	h.Write([]byte(name))
	binary.Write(h, binary.BigEndian, uint32(len(value)))
	h.Write(value)
	return base64.StdEncoding.EncodeToString(h.Sum(nil))
}

// opened checks "open NAME SALT BYTES" and "record BYTES" against the leaf, and returns the values.
func opened(l leaf, b []byte) map[string]string {
	out := map[string]string{}
	for len(b) > 0 {
		r := lines{b}
		word := strings.Split(r.next(), " ")
		n, err := strconv.Atoi(word[len(word)-1])
		must(err, "opening")
		if n < 1 || len(r.rest) < n+1 || r.rest[n] != '\n' {
			fail("what is opened ends early")
		}
		name, value := word[0], r.rest[:n]
		b = r.rest[n+1:]
		switch {
		case len(word) == 4 && word[0] == "open" && (word[1] == "body" || word[1] == "private"):
			name = word[1]
			salt, err := base64.StdEncoding.Strict().DecodeString(word[2])
			must(err, "salt")
			want := map[string]string{"body": l.Body, "private": l.Private}[name]
			if len(salt) != 32 || want == "" || commit(name, salt, value) != want {
				fail("%s is not what was logged", name)
			}
		case len(word) == 2 && word[0] == "record":
			var body struct{ Hash, Signs string }
			must(json.Unmarshal([]byte(out["body"]), &body), "body")
			sum := sha256.Sum256(value)
			if want := hex.EncodeToString(sum[:]); want != body.Hash && want != body.Signs {
				fail("the record does not have the hash that was logged")
			}
		default:
			fail("%q", word)
		}
		if _, twice := out[name]; twice {
			fail("%s is opened twice", name)
		}
		out[name] = string(value)
	}
	return out
}

func show(l leaf, values map[string]string) {
	fmt.Println(l.Act, l.Object, l.Outcome)
	for _, name := range []string{"body", "private", "record"} {
		if values[name] != "" {
			fmt.Println(name, values[name])
		}
	}
}

// ---- proofs ----

func checkReceipt(vkey, file string) {
	l := lines{read(file)}
	extra, index := l.head("c2sp.org/tlog-proof@v1", "index")
	path := l.hashes()
	tree := open(l.rest, vkey)
	text, rest := extra, []byte(nil)
	if i := bytes.IndexByte(extra, '\n'); i >= 0 {
		text, rest = extra[:i], extra[i+1:]
	}
	must(tlog.CheckRecord(path, tree.N, tree.Hash, index, tlog.RecordHash(text)), "receipt")
	it := decode(text)
	show(it, opened(it, rest))
}

func checkConsistency(vkey, file, before string) {
	l := lines{read(file)}
	_, size := l.head("ward-consistency-proof@v1", "old")
	path := l.hashes()
	new, old := open(l.rest, vkey), open(read(before), vkey)
	if old.N != size {
		fail("the proof is about %d entries, the checkpoint about %d", size, old.N)
	}
	// sumdb wants trees with something in them and the new one larger.
	if old.N == new.N {
		if len(path) != 0 || old.Hash != new.Hash {
			fail("not the same log")
		}
	} else {
		must(tlog.CheckTree(path, new.N, new.Hash, old.N, old.Hash), "consistency")
	}
	fmt.Printf("%d entries, then %d\n", old.N, new.N)
}

// push adds a leaf to a compact range of `size` leaves.
func push(parts []tlog.Hash, size int64, h tlog.Hash) []tlog.Hash {
	for ; size&1 == 1; size >>= 1 {
		h = tlog.NodeHash(parts[len(parts)-1], h)
		parts = parts[:len(parts)-1]
	}
	return append(parts, h)
}

func ref(object string) string {
	i := strings.IndexByte(object, ':')
	return object[i+1:]
}

func checkLatest(vkey, file string) {
	l := lines{read(file)}
	extra, index := l.head("ward-latest-proof@v1", "index")
	parts := l.hashes()
	if len(parts) != bits.OnesCount64(uint64(index)) {
		fail("%d hashes for the first %d entries", len(parts), index)
	}
	var it leaf
	size, names := index, 0
	for line := l.next(); line != ""; line = l.next() {
		parts = push(parts, size, tlog.RecordHash([]byte(line)))
		one := decode([]byte(line))
		switch {
		case size == index:
			it = one
		case one.Object == it.Object && one.Outcome == "ok":
			fail("entry %d wrote %s later", size, it.Object)
		case ref(one.Object) == ref(it.Object):
			names++
		}
		size++
	}
	tree := open(l.rest, vkey)
	root := parts[len(parts)-1]
	for i := len(parts) - 2; i >= 0; i-- {
		root = tlog.NodeHash(parts[i], root)
	}
	if size != tree.N || root != tree.Hash {
		fail("the entries are not those that were signed")
	}
	if ref(it.Object) == "" || it.Outcome != "ok" {
		fail("entry %d wrote nothing", index)
	}
	fmt.Printf("entry %d of %d, %d behind it, %d name it\n", index, size, size-index-1, names)
	show(it, opened(it, extra))
}

func main() {
	a := os.Args[1:]
	switch {
	case len(a) == 3 && a[0] == "log":
		fmt.Printf("%d entries\n", checkLog(a[1], a[2]).N)
	case len(a) == 3 && a[0] == "receipt":
		checkReceipt(a[1], a[2])
	case len(a) == 4 && a[0] == "consistency":
		checkConsistency(a[1], a[2], a[3])
	case len(a) == 3 && a[0] == "latest":
		checkLatest(a[1], a[2])
	case len(a) == 4 && a[0] == "grow":
		checkGrow(a[1], a[2], a[3])
	default:
		fail("see the head of this program")
	}
}
